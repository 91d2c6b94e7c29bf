/** What goes from the engine's values to this function's disk. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";

import type { Container } from "@dagger.io/dagger";
import { afterEach, describe, expect, it } from "vitest";

import { localImage } from "../../src/dagger/files.js";

let path = "";
afterEach(() => rm(dirname(path), { recursive: true, force: true }));

describe("an image on disk", () => {
  // Dagger keeps what `asTarball` gave when it is restarted, yet it publishes the image with newer dates:
  // another digest. This stands in for an engine that was restarted.
  it("is written anew each time, with the digest that a push would have now", async () => {
    const asked: unknown[] = [];
    const variant = {} as Container;
    const container = {
      export: (to: string, options: unknown) => Promise.resolve(asked.push([to, options])),
    } as unknown as Container;
    path = await localImage(container, [variant]);
    expect(asked).toEqual([[path, { platformVariants: [variant] }]]);
  });
});
