// Why some runs differ between the engines, by `scenario agent` (and ` changed` where the control changes the scenario).
// A pair that differs and does not stand here fails `npm run verify:fidelity`.

/** The reasons, each a sentence or two for docs/fidelity.md. */
export const REASONS: Readonly<Record<string, string>> = {
  'loss/agent-restart larsen-agent':
    'Loki 1.6 takes a stream in order only. Docker sends whole seconds, so the new agent begins a second into which the old one had gone already, and what was sent again is `entry out of order`. Asked for `version: "2019"`, the process engine finds parity/rejected too; Loki 3.7, as in its column here, takes such lines',
  'loss/silent-sink larsen-agent':
    'On the docker engine the driver is the daemon itself and nobody sees a line enter the agent, so dead-but-green does not know that lines waited in it. The other checks agree',
};
