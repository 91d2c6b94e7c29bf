/** Which platform of an image is meant. */
import { AttestError } from "../error.js";

type Named = { readonly platform: string; readonly digest: string };

/**
 * The platform that is named, or the only one: which of several is meant is never guessed.
 * @param platforms those of the image, with the digests of their manifests
 * @param wanted as in `linux/arm64/v8`; undefined or "" where the image has only one
 * @throws AttestError ARGUMENT_INVALID naming those that there are
 */
export function choosePlatform<T extends Named>(platforms: readonly T[], wanted: string | undefined): T {
  const named = wanted || undefined;
  const exact = platforms.filter(({ platform }) => named === undefined || platform === named);
  const fitting =
    exact.length > 0 || named === undefined
      ? exact
      : platforms.filter(({ platform }) => meansSame(platform, named));
  const [found] = fitting;
  // One manifest may be for several platforms.
  if (found !== undefined && fitting.every(({ digest }) => digest === found.digest)) return found;
  throw found === undefined || named === undefined
    ? notOne(platforms, named)
    : severalManifests(named, fitting);
}

/** A name without a version means any of them. */
function meansSame(platform: string, named: string): boolean {
  return usual(named.includes(":") ? platform : platform.replace(/:.*$/, "")) === usual(named);
}

/** Variants that say nothing, and one that goes without saying, as in containerd. */
function usual(platform: string): string {
  return platform
    .replace(/\/arm64\/v8$/, "/arm64")
    .replace(/\/amd64\/v1$/, "/amd64")
    .replace(/\/arm$/, "/arm/v7");
}

function notOne(platforms: readonly Named[], wanted: string | undefined): AttestError {
  const what =
    wanted === undefined ? "is not of one platform alone" : `has no platform ${JSON.stringify(wanted)}`;
  const names = platforms.map(({ platform }) => platform || "no name").join(", ");
  const got = wanted === undefined ? "none of them named" : JSON.stringify(wanted);
  return new AttestError("ARGUMENT_INVALID", `the image ${what}`, {
    problems: [{ path: "platform", expected: `one of ${names || "none"}`, got }],
    next: "Name one of its platforms, as in --platform=linux/amd64, or its manifest by digest as an image of its own.",
  });
}

/** Windows has one for each of its versions. */
function severalManifests(wanted: string, found: readonly Named[]): AttestError {
  const manifests = found.map(({ platform, digest }) =>
    platform === wanted ? digest : `${platform} ${digest}`,
  );
  return new AttestError("ARGUMENT_INVALID", `the image has several manifests of ${wanted}`, {
    problems: [{ path: "platform", expected: "one manifest", got: manifests.join(", ") }],
    next: "Name the one that is meant, with its version where it has one, or by its digest as an image of its own.",
  });
}
