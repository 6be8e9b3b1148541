// What `larsen doctor` says of one thing.

/** One thing that was looked at. `missing`: the engine can't run without it. `note`: good to know. */
export interface DoctorFinding {
  name: string;
  state: 'ok' | 'missing' | 'note';
  text: string;
}
