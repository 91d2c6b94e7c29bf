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

  private madeContainer?: Container;
  private madeDirectory?: Directory;
  private madeFile?: File;

  constructor(
    kind: string,
    provenance: Attestation,
    container?: Container,
    directory?: Directory,
    file?: File,
  ) {
    this.kind = kind;
    this.provenance = provenance;
    if (container !== undefined) this.madeContainer = container;
    if (directory !== undefined) this.madeDirectory = directory;
    if (file !== undefined) this.madeFile = file;
  }

  /** The container that the function gave; ARGUMENT_INVALID where it gave something else. */
  @func()
  container(): Container {
    return this.made("Container", this.madeContainer);
  }

  /** The directory that the function gave; ARGUMENT_INVALID where it gave something else. */
  @func()
  directory(): Directory {
    return this.made("Directory", this.madeDirectory);
  }

  /** The file that the function gave; ARGUMENT_INVALID where it gave something else. */
  @func()
  file(): File {
    return this.made("File", this.madeFile);
  }

  private made<T>(kind: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new AttestError("ARGUMENT_INVALID", `the observed function gave no ${kind}`, {
      problems: [{ path: "", expected: `a ${kind}`, got: `a ${this.kind}` }],
      next: `Ask for its ${this.kind.toLowerCase()}.`,
    });
  }
}
