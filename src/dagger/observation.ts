import { func, object, type Container, type Directory, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import type { Attestation } from "./attestation.js";

/** A function of another module that was run and watched: what it gave, and how that was made. */
@object()
export class AttestObservation {
  /** Type of the result: Container, Directory or File. */
  @func()
  kind: string;

  /** SLSA Provenance v1 of the result, with the result as its subject. */
  @func()
  provenance: Attestation;

  // The result stands in a list of its type, for a field can't be empty otherwise. The lists are exposed since
  // Dagger v0.21 lets go of what only a private field holds.

  /** The result where it is a container, else none. */
  @func()
  containers: Container[];

  /** The result where it is a directory, else none. */
  @func()
  directories: Directory[];

  /** The result where it is a file, else none. */
  @func()
  files: File[];

  constructor(
    kind: string,
    provenance: Attestation,
    containers: Container[],
    directories: Directory[],
    files: File[],
  ) {
    this.kind = kind;
    this.provenance = provenance;
    this.containers = containers;
    this.directories = directories;
    this.files = files;
  }

  /** The container that the function gave; ARGUMENT_INVALID where it gave something else. */
  @func()
  container(): Container {
    return this.made("Container", this.containers);
  }

  /** The directory that the function gave; ARGUMENT_INVALID where it gave something else. */
  @func()
  directory(): Directory {
    return this.made("Directory", this.directories);
  }

  /** The file that the function gave; ARGUMENT_INVALID where it gave something else. */
  @func()
  file(): File {
    return this.made("File", this.files);
  }

  private made<T>(kind: string, [value]: T[]): T {
    if (value !== undefined) return value;
    throw new AttestError("ARGUMENT_INVALID", `the observed function gave no ${kind}`, {
      problems: [{ path: "", expected: `a ${kind}`, got: `a ${this.kind}` }],
      next: `Ask for its ${this.kind.toLowerCase()}.`,
    });
  }
}
