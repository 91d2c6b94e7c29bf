/**
 * A registry without a referrers API, and the lines to it, on a clock of their own: every request takes as long as chance
 * says, and takes effect somewhere within that time.
 */
import { ociLimits } from "../../../src/oci/limits.js";
import { documentOf, readManifest, type StoredManifest } from "../../../src/oci/manifest.js";
import type { ContentStore, NewManifest } from "../../../src/oci/store.js";
import type { VirtualTime } from "../../support/virtual-time.js";

/** How long something takes, drawn anew each time: milliseconds. */
export type Takes = () => number;

export type Line = {
  /** From a writer to the registry, or back. */
  readonly way: Takes;
  /** Until the registry does what it was asked for, from when it got the question. */
  readonly reading: Takes;
  readonly writing: Takes;
};

export type SimulatedRegistry = {
  /** A writer's view, over a line of its own. */
  store(line: Line): ContentStore;
  /** A writer that does not look again, as those of other tools: adds an entry to what it read. */
  addOnce(line: Line, thinks: number, entry: object): Promise<void>;
  /** What is at the tag in the end. */
  listed(): string[];
  readonly requests: { reads: number; writes: number };
};

/** @param late how much older than now an answer may be */
export function simulatedRegistry(time: VirtualTime, late: Takes = () => 0): SimulatedRegistry {
  const history: { readonly at: number; readonly stored: StoredManifest }[] = [];
  const requests = { reads: 0, writes: 0 };

  async function read({ way, reading }: Line): Promise<StoredManifest | undefined> {
    requests.reads += 1;
    await time.sleep(way() + reading());
    const seen = time.now() - late();
    const stored = history.findLast(({ at }) => at <= seen)?.stored;
    await time.sleep(way());
    return stored;
  }

  async function write({ way, writing }: Line, { descriptor, bytes }: NewManifest): Promise<void> {
    requests.writes += 1;
    await time.sleep(way() + writing());
    const content = readManifest(bytes, descriptor.mediaType, ociLimits);
    history.push({ at: time.now(), stored: { descriptor, bytes, content } });
    await time.sleep(way());
  }

  return {
    requests,
    store: (line) =>
      simulatedStore(
        () => read(line),
        (manifest) => write(line, manifest),
      ),
    addOnce: async (line, thinks, entry) => {
      const found = await read(line);
      await time.sleep(thinks);
      const listed = found === undefined ? [] : listOf(found);
      await write(line, indexOf([...listed, entry]));
    },
    listed: () => {
      const last = history.at(-1);
      return last === undefined ? [] : listOf(last.stored).map(({ digest }) => digest);
    },
  };
}

function simulatedStore(
  read: () => Promise<StoredManifest | undefined>,
  write: (manifest: NewManifest) => Promise<void>,
): ContentStore {
  const none = () => {
    throw new Error("nobody asks for this here");
  };
  return {
    name: "simulated",
    limits: ociLimits,
    fetchManifest: read,
    moveTag: write,
    resolve: none,
    pushManifest: none,
    hasBlob: none,
    openBlob: none,
    pushBlob: none,
    referrers: none,
    announce: none,
    retire: none,
    tags: none,
  };
}

const ociIndex = "application/vnd.oci.image.index.v1+json";

function listOf({ bytes }: StoredManifest): { readonly digest: string }[] {
  return (JSON.parse(Buffer.from(bytes).toString()) as { manifests: { digest: string }[] }).manifests;
}

function indexOf(manifests: readonly object[]): NewManifest {
  const document = { schemaVersion: 2, mediaType: ociIndex, manifests };
  return documentOf(Buffer.from(JSON.stringify(document)), ociIndex);
}
