/**
 * fast-check with a fixed seed: a property that fails does so in every run, on every machine. To look
 * further than the suite does: `PROPERTY_RUNS=20000 PROPERTY_SEED=7 npm test -- test/sbom`.
 */
import fc from "fast-check";

const { PROPERTY_RUNS: runs, PROPERTY_SEED: seed } = process.env;

fc.configureGlobal({ seed: Number(seed ?? 1), ...(runs === undefined ? {} : { numRuns: Number(runs) }) });

export default fc;
