/** Values, keys, arrays and objects: what the lexical parts report to. */
import { Mode, pathOf, refuseLimit, type Frame, type JsonKind, type ScanState } from "./state.js";

/** Problems kept of one document: enough to find the producer's mistake. */
const keptProblems = 100;
const noKeys: Set<string> = new Set();

export function startValue(state: ScanState, kind: JsonKind, start: number): void {
  const depth = state.frames.length;
  if (depth <= state.visitor.depth) state.visitor.valueStart?.(depth, kind, start);
}

export function endValue(state: ScanState, kind: JsonKind, end: number): void {
  const depth = state.frames.length;
  state.mode = depth === 0 ? Mode.end : Mode.commaOrEnd;
  if (depth <= state.visitor.depth) state.visitor.valueEnd?.(depth, kind, end);
}

export function openContainer(state: ScanState, isObject: boolean, start: number): void {
  startValue(state, isObject ? "object" : "array", start);
  if (state.frames.length >= state.limits.depth) {
    refuseLimit(state, start, `at most ${state.limits.depth} arrays and objects inside each other`, "more");
  }
  state.frames.push({ isObject, keys: isObject ? new Set() : noKeys, characters: 0, key: "", index: 0 });
  state.mode = isObject ? Mode.keyOrEnd : Mode.valueOrEnd;
}

export function closeContainer(state: ScanState, frame: Frame, end: number): void {
  state.openKeys -= frame.keys.size;
  state.openKeyCharacters -= frame.characters;
  state.frames.pop();
  endValue(state, frame.isObject ? "object" : "array", end);
}

/** Takes a key's text, escapes resolved: `"a"` and `"\u0061"` are the same key to every reader. */
export function takeKey(state: ScanState, frame: Frame, name: string, end: number): void {
  frame.key = name;
  state.mode = Mode.colon;
  if (frame.keys.has(name)) {
    reportDuplicate(state, end);
  } else {
    frame.keys.add(name);
    frame.characters += name.length;
    state.openKeys += 1;
    state.openKeyCharacters += name.length;
    checkOpenKeys(state, end);
  }
  const depth = state.frames.length;
  if (depth <= state.visitor.depth) state.visitor.key?.(depth, name);
}

function reportDuplicate(state: ScanState, end: number): void {
  if (state.problems.length >= keptProblems) return;
  const path = pathOf(state.frames);
  state.problems.push({ path, expected: "a key once in its object", got: `it again before byte ${end}` });
}

function checkOpenKeys(state: ScanState, end: number): void {
  const { openKeys, openKeyCharacters } = state.limits;
  if (state.openKeys > openKeys) {
    refuseLimit(state, end, `at most ${openKeys} keys in an object and those around it`, "more");
  }
  if (state.openKeyCharacters > openKeyCharacters) {
    refuseLimit(state, end, `at most ${openKeyCharacters} characters of keys in open objects`, "more");
  }
}
