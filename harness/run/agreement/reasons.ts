// Why some runs differ between the engines, by `scenario agent` (and ` changed` where the control changes the scenario).
// A pair that differs and does not stand here fails `npm run verify:fidelity`.

/** The reasons, each a sentence or two for docs/fidelity.md. */
export const REASONS: Readonly<Record<string, string>> = {};
