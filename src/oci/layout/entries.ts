/** What an entry of a layout's list stands for, as far as it says so itself. */
import type { Descriptor } from "../descriptor.js";
import { isMarkedAttached, isMarkedImage } from "./cosign-save.js";

/** Annotation by which a layout names a manifest by a tag. */
export const tagAnnotation = "org.opencontainers.image.ref.name";

type Annotated = Pick<Descriptor, "annotations">;

export function nameOf({ annotations }: Annotated): string | undefined {
  return annotations?.[tagAnnotation];
}

/** Tags that name what is attached to an image: of older cosign versions, and the fallback tag. */
const attachedTag = /^sha(?:256|384|512)-[0-9a-f]{1,64}(?:\.(?:att|sig|sbom))?$/;

/** It says that it is attached to something. */
export function isAttachedEntry(entry: Annotated): boolean {
  return isMarkedAttached(entry) || attachedTag.test(nameOf(entry) ?? "");
}

/** It has a name as images have one, or is marked as one. */
export function isImageEntry(entry: Annotated): boolean {
  return isMarkedImage(entry) || (nameOf(entry) !== undefined && !isAttachedEntry(entry));
}

/** Under which containerd, Docker and BuildKit know an image; the tag alone may be several images'. */
export const fullNameAnnotation = "io.containerd.image.name";

/** The names that an entry has, and the tags in them. */
export function namesOf(entry: Annotated): string[] {
  const names = [nameOf(entry), entry.annotations?.[fullNameAnnotation]].flatMap((name) => name ?? []);
  return [...new Set(names.flatMap((name) => [name, tagIn(name)]))];
}

export function isTag(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name);
}

/** Some tools write the whole reference where the specification wants the tag. */
function tagIn(name: string): string {
  return /:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/.exec(name)?.[1] ?? name;
}
