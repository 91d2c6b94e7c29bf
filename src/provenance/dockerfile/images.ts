/** Images that a Dockerfile names. */
import { imageLocator } from "../locators.js";
import { namesSecret, redactorFor } from "../redact.js";
import { type DockerfileReading, found, type ReadOptions } from "./reading.js";
import { imageKey } from "./watched.js";

/** Build arguments may be secrets by their name; others are part of the image's name, which is public. */
export function shownAddress(address: string, { buildArgs }: ReadOptions): string {
  const secrets = [...buildArgs].filter(([name]) => namesSecret(name)).map(([, value]) => value);
  return redactorFor(secrets).text(address);
}

/** Adds an image, as a material and as one to ask for. */
export function addImage(
  { materials, images }: Pick<DockerfileReading, "materials" | "images">,
  image: { readonly address: string; readonly platform?: string },
  steps: readonly string[],
  options: ReadOptions,
): void {
  const { address, platform } = image;
  const whole = wholeAddress(address);
  const { uri, requested, digests } = imageLocator(shownAddress(whole, options), platform);
  images.push({
    address: whole,
    ...(platform === undefined ? {} : { platform }),
    material: materials.length,
    key: imageKey(whole),
  });
  materials.push({
    ...found,
    kind: "image",
    uri,
    digests,
    ...(requested === undefined ? {} : { requested }),
    ...(platform === undefined ? {} : { platform }),
    steps,
  });
}

/** With the tag that goes without saying. */
export function wholeAddress(address: string): string {
  return /@|:[^/]*$/.test(address) ? address : `${address}:latest`;
}
