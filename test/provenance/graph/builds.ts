/** Builds to draw. */
import { collectRecipe } from "../../../src/provenance/recipe/collect.js";
import { type Evidence, evidenceFrom } from "../../../src/provenance/evidence.js";
import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { digestOf, type Draft, recipeOf, ref } from "../recipe/recipes.js";

const alpine = `docker.io/library/alpine:3.22@sha256:${"a".repeat(64)}`;
const observed = { source: "telemetry", exactness: "observed" } as const;

/** A text that would break out of HTML, attributes, scripts and Mermaid labels. */
export const hostile = `</script><img src=x onerror=alert(1)>"'\`]--> x[`;

/** A chain of `steps` commands, each with a download of its own; the second download has no digest. */
export async function buildOf(steps: number): Promise<Evidence> {
  const drafts: Draft[] = [
    { is: "c", field: "container", type: "Container", args: { platform: "linux/amd64" } },
    { is: "x-1", on: "c", field: "from", type: "Container", args: { address: alpine } },
  ];
  for (let n = 0; n < steps; n++) {
    const checksum = n === 1 ? null : `sha256:${String(n).padStart(64, "0")}`;
    drafts.push(
      { is: `h${n}`, field: "http", type: "File", args: { url: `https://files.test/${n}.tgz`, checksum } },
      {
        is: `m${n}`,
        on: `x${n - 1}`,
        field: "withMountedFile",
        type: "Container",
        args: { path: `/in/${n}`, source: ref(`h${n}`) },
      },
      {
        is: `e${n}`,
        on: `m${n}`,
        field: "withEnvVariable",
        type: "Container",
        args: { name: `VARIABLE_${n}`, value: "1" },
      },
      {
        is: `x${n}`,
        on: `e${n}`,
        field: "withExec",
        type: "Container",
        args: {
          args:
            n === 2
              ? ["echo", hostile]
              : [
                  "make",
                  `target-${n}`,
                  "of a command line that is too long for any box to show all of it at once",
                ],
        },
      },
    );
  }
  drafts.push({
    is: "end",
    on: `x${steps - 1}`,
    field: "withEntrypoint",
    type: "Container",
    args: { args: ["run"] },
  });
  const recipe = await collectRecipe(recipeOf(drafts));
  const telemetry = evidenceFrom("telemetry", {
    timing: Array.from({ length: steps }, (_, n) => ({
      ...observed,
      step: digestOf(`x${n}`),
      startedOn: "2026-11-24T08:00:00.000Z",
      finishedOn: `2026-11-24T08:00:0${(n % 9) + 1}.000Z`,
      outcome: "run" as const,
    })),
    usage: [{ ...observed, step: digestOf("x0"), memoryPeakBytes: 734_003_200 }],
  });
  return mergeEvidence([recipe, telemetry]);
}
