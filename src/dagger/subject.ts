import { func, object } from "@dagger.io/dagger";

import type { Subject } from "../statement/types.js";

/**
 * One artifact that an attestation is about: a name and digests of its content, as a subject of an
 * in-toto Statement (https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md).
 * Consumers match by digest alone; the name is for people.
 */
@object()
export class AttestationSubject {
  /** The artifact's name; "" where the statement gives none. */
  @func()
  name: string;

  /** Digests as `algorithm:value`, for example `sha256:` and 64 hexadecimal characters. */
  @func()
  digests: string[];

  /** The whole resource descriptor as JSON, with all that the statement says of the artifact. */
  @func()
  descriptor: string;

  constructor(name: string, digests: string[], descriptor: string) {
    this.name = name;
    this.digests = digests;
    this.descriptor = descriptor;
  }
}

/** A subject of the core as Dagger's object. */
export function exposeSubject(subject: Subject): AttestationSubject {
  const digests = Object.entries(subject.digest).map(([algorithm, value]) => `${algorithm}:${value}`);
  return new AttestationSubject(subject.name ?? "", digests, JSON.stringify(subject));
}

/**
 * Dagger's objects as subjects of the core. The objects come out of an attestation's own state, so
 * they hold scalars only (objects in lists are not loaded deeply) and what `exposeSubject` wrote.
 */
export function coreSubjects(subjects: AttestationSubject[]): Subject[] {
  return subjects.map((subject) => JSON.parse(subject.descriptor) as Subject);
}
