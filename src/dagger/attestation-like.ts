import { Context, File } from "@dagger.io/dagger";

/**
 * Any object, of any module in any language, that gives an attestation as a file: a statement of in-toto, or
 * a signed bundle. Its function `asFile` needs no arguments.
 */
export interface AttestationLike {
  /** The attestation as a file. */
  asFile(): Promise<File>;
}

/**
 * The file that such an object gives. The SDK answers a call on an interface with another stand-in of the
 * interface, and that one can be called once as well; its id is the file's, though, and that is enough.
 */
export async function fileOf(attestation: AttestationLike): Promise<File> {
  const given = await attestation.asFile();
  return new File(new Context().selectNode(await given.id(), "File"));
}
