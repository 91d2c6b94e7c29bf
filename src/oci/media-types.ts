/**
 * Media types that images and what is attached to them are made of.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md
 */
export const ociIndex = "application/vnd.oci.image.index.v1+json";
export const ociManifest = "application/vnd.oci.image.manifest.v1+json";
export const ociConfig = "application/vnd.oci.image.config.v1+json";
/** Configuration of a manifest that has none: the two bytes `{}`. */
export const ociEmpty = "application/vnd.oci.empty.v1+json";
export const dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
export const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

export const indexTypes: readonly string[] = [ociIndex, dockerIndex];
/** Of early drafts of OCI 1.1, as ORAS and Notation attached: blobs in the place of layers, and no configuration. */
export const ociArtifact = "application/vnd.oci.artifact.manifest.v1+json";
export const manifestTypes: readonly string[] = [ociManifest, dockerManifest, ociArtifact];

/** What a client has to accept so that a registry serves every kind of image as it is. */
export const acceptedManifests = [...indexTypes, ...manifestTypes].join(", ");

/** A DSSE envelope as cosign stores it below a tag that ends in `.att`. */
export const dsseEnvelope = "application/vnd.dsse.envelope.v1+json";
/** A bare statement, as BuildKit and Docker Scout store it; also the payload type of an envelope. */
export const inTotoStatement = "application/vnd.in-toto+json";
/** BuildKit's attestation manifest since v0.32. */
export const buildkitAttestation = "application/vnd.docker.attestation.manifest.v1+json";
/** Every version of the Sigstore bundle begins so. */
export const sigstoreBundlePrefix = "application/vnd.dev.sigstore.bundle";

/**
 * Types that attestations come under. Some registries report the configuration's type instead, so its
 * general types are among them.
 */
const openedTypes: readonly string[] = [
  "",
  ociEmpty,
  ociConfig,
  "application/vnd.docker.container.image.v1+json",
  buildkitAttestation,
  dsseEnvelope,
  inTotoStatement,
];

/** By the artifact type that a list of referrers gives. */
export function mayHoldAttestations(artifactType: string): boolean {
  return (
    openedTypes.includes(artifactType) ||
    artifactType.startsWith(sigstoreBundlePrefix) ||
    /in-toto|dsse|cosign\.artifact\.att/.test(artifactType)
  );
}
