/**
 * The libraries, loaded when they are first needed and then at hand: `import()` looks even a loaded module up
 * anew, which for many small bundles is a part of the time that can be seen.
 */
export const sigstoreBundle = once(() => import("@sigstore/bundle"));
export const sigstoreCore = once(() => import("@sigstore/core"));
export const sigstoreFormats = once(() => import("@sigstore/protobuf-specs"));
export const sigstoreVerify = once(() => import("@sigstore/verify"));

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}
