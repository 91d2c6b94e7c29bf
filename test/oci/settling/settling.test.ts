/**
 * Many writers of one fallback tag on a simulated registry, thousands of schedules: nothing that is attached here is lost,
 * whatever chance makes of the lines between. Real registries: test/oci/attach/writers.test.ts.
 */
import { describe, expect, test } from "vitest";

import { addToFallback } from "../../../src/oci/attach/fallback.js";
import { leastRest } from "../../../src/oci/attach/patience.js";
import { digestOf } from "../../../src/oci/digest.js";
import { ociManifest } from "../../../src/oci/media-types.js";
import fc from "../../support/property.js";
import { seededRandom, virtualTime, type VirtualTime } from "../../support/virtual-time.js";
import { simulatedRegistry, type Line, type SimulatedRegistry, type Takes } from "./simulated.js";

const digest = (name: string) => digestOf(Buffer.from(name));
const subject = digest("subject");
const entry = (name: string) => ({ mediaType: ociManifest, digest: digest(name), size: 1 });

type Between = readonly [least: number, most: number];
type Random = () => number;
const drawn = (random: Random, [least, most]: Between) => least + (most - least) * random();

/** Milliseconds there and back; now and then the registry is held up on top of that. */
function drawnLine(random: Random, distance: Between, stalls: { often: number; most: number }): Line {
  const whole = drawn(random, distance);
  const stall = () => (random() < stalls.often ? stalls.most * random() : 0);
  return {
    way: () => (whole / 2) * drawn(random, [0.9, 1.2]),
    reading: () => drawn(random, [1, 5]) + stall(),
    writing: () => drawn(random, [4, 20]) + stall(),
  };
}

type Writers = { readonly count: number; readonly distances: readonly Between[]; readonly within: number };

type World = {
  readonly own: Writers;
  /** Writers that read, write and never look again, as other tools do. */
  readonly foreign?: Writers;
  readonly stalls?: { readonly often: number; readonly most: number };
  readonly late?: Between;
};

type Outcome = { readonly lost: string[]; readonly registry: SimulatedRegistry; readonly time: VirtualTime };

/** One schedule: everybody begins when chance says. */
async function played({ own, foreign, stalls, late }: World, seed: number): Promise<Outcome> {
  const random = seededRandom(seed);
  const time = virtualTime();
  const lateness: Takes = () => (late === undefined ? 0 : drawn(random, late));
  const registry = simulatedRegistry(time, lateness);
  const each = <T>({ count, distances, within }: Writers, work: (line: Line, at: number) => Promise<T>) =>
    Array.from({ length: count }, async (_, at) => {
      const distance = distances[at % distances.length] ?? [1, 5];
      const line = drawnLine(random, distance, stalls ?? { often: 0, most: 0 });
      await time.sleep(within * random());
      await work(line, at);
    });
  const ours = each(own, async (line, at) => {
    const descriptor = entry(`own ${at}`);
    const added = [{ text: JSON.stringify(descriptor), descriptor }];
    await addToFallback(registry.store(line), subject, added, time.timing(seededRandom(seed + at)));
  });
  const theirs = each(foreign ?? { count: 0, distances: [], within: 0 }, (line, at) =>
    registry.addOnce(line, drawn(random, [1, 30]), entry(`foreign ${at}`)),
  );
  await time.run(Promise.all([...ours, ...theirs]));
  const listed = new Set(registry.listed());
  const names = Array.from({ length: own.count }, (_, at) => `own ${at}`);
  return { lost: names.filter((name) => !listed.has(digest(name))), registry, time };
}

const near: Between = [1, 5];
const worlds: readonly (readonly [string, number, World])[] = [
  ["ten beside the registry", 300, { own: { count: 10, distances: [near], within: 1500 } }],
  ["forty at once", 15, { own: { count: 40, distances: [near], within: 50 } }],
  [
    "ten near and on the other side of the world",
    200,
    { own: { count: 10, distances: [near, [100, 350]], within: 1500 } },
  ],
  ["two, one of them very far away", 600, { own: { count: 2, distances: [near, [400, 900]], within: 1500 } }],
  [
    "ten, where one answer in ten is held up for up to 0.4 s",
    200,
    { own: { count: 10, distances: [near, [20, 100]], within: 1500 }, stalls: { often: 0.1, most: 400 } },
  ],
  [
    "five, and three with other tools, near and far",
    300,
    {
      own: { count: 5, distances: [near, [20, 100]], within: 1500 },
      foreign: { count: 3, distances: [[1, 350]], within: 1500 },
    },
  ],
  [
    "one, and another tool far away",
    600,
    {
      own: { count: 1, distances: [near], within: 1000 },
      foreign: { count: 1, distances: [[100, 450]], within: 1000 },
    },
  ],
  [
    "five, where answers are up to a third of a second old",
    200,
    { own: { count: 5, distances: [near], within: 1500 }, late: [0, 300] },
  ],
  [
    "three, where answers are five seconds old",
    100,
    { own: { count: 3, distances: [near], within: 1500 }, late: [5000, 5000] },
  ],
];

/** For a longer look: PROPERTY_RUNS=5000. */
const { PROPERTY_RUNS: runs } = process.env;

test.for(worlds)("%s: none is lost in %i schedules", async ([, few, world]) => {
  const numRuns = Number(runs ?? few);
  const property = fc.asyncProperty(fc.nat(), async (seed) => {
    expect((await played(world, seed)).lost).toEqual([]);
  });
  await fc.assert(property, { numRuns });
});

describe("a writer", () => {
  const always =
    (milliseconds: number): Takes =>
    () =>
      milliseconds;
  const line = (way: number, reading = 2, writing = 5): Line => ({
    way: always(way),
    reading: always(reading),
    writing: always(writing),
  });
  /** Takes the first times as given, then `then`. */
  const firstly = (times: readonly number[], then: number): Takes => {
    const left = [...times];
    return () => left.shift() ?? then;
  };

  function start(late: Takes = always(0)) {
    const time = virtualTime();
    const registry = simulatedRegistry(time, late);
    const add = (name: string, over: Line, at = 0) =>
      time.sleep(at).then(async () => {
        const descriptor = entry(name);
        const added = [{ text: JSON.stringify(descriptor), descriptor }];
        await addToFallback(registry.store(over), subject, added, time.timing(always(0.5)));
        return time.now() - at;
      });
    const names = (...all: string[]) => all.map(digest).sort();
    return { time, registry, add, names };
  }

  test("that is alone reads, writes, looks, rests as short as may be, and looks again", async () => {
    const { time, registry, add } = start();
    const took = await time.run(add("a", line(1)));
    expect(registry.requests).toEqual({ reads: 3, writes: 1 });
    expect(Math.round(took)).toBe(leastRest + 3 * 4 + 7);
  });

  test("rests longer where its own requests are slow", async () => {
    const { time, add } = start();
    const took = await time.run(add("a", line(100)));
    expect(took).toBeGreaterThan(2 * (202 + 205) + 2 * 202 + 205);
  });

  test("that was held up between reading and writing reads again", async () => {
    const { time, registry, add, names } = start();
    const slow: Line = { ...line(1), way: firstly([1, 700], 1) };
    await time.run(Promise.all([add("slow", slow), add("quick", line(1), 100)]));
    expect(registry.requests).toEqual({ reads: 4 + 4, writes: 2 });
    expect(registry.listed()).toEqual(names("slow", "quick"));
  });

  test("whose write takes seconds puts back what it dropped of one that has finished", async () => {
    const { time, registry, add, names } = start();
    const slow = line(1, 2, 3000);
    await time.run(
      Promise.all([add("slow", { ...slow, writing: firstly([3000], 5) }), add("quick", line(1), 500)]),
    );
    expect(registry.listed()).toEqual(names("slow", "quick"));
  });

  test("that is always slow to read writes all the same, and looks once more just before", async () => {
    const { time, registry, add, names } = start();
    await time.run(Promise.all([add("far", line(400)), add("quick", line(1), 1250)]));
    expect(registry.listed()).toEqual(names("far", "quick"));
    expect(registry.requests.writes).toBe(3);
  });

  test("waits for what a registry shows late, and does not write it again", async () => {
    const { time, registry, add } = start(always(4000));
    const took = await time.run(add("a", line(1)));
    expect(registry.requests.writes).toBe(1);
    expect(took).toBeGreaterThan(2 * 4000 + leastRest);
  });

  test("stays while others drop and put back what it wrote", async () => {
    const { time, registry, add, names } = start();
    const tool = (at: number, thinks: number, name: string) =>
      time.sleep(at).then(() => registry.addOnce(line(1), thinks, entry(name)));
    // The first drops what is ours, the second puts it back, and the third has read what the first wrote.
    await time.run(
      Promise.all([
        add("ours", line(1), 10),
        tool(8, 300, "first"),
        tool(40, 400, "second"),
        tool(350, 500, "third"),
      ]),
    );
    expect(registry.listed()).toEqual(expect.arrayContaining(names("ours", "third")));
  });
});
