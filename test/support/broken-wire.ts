/** A wire to a server on loopback that breaks once, after an exact number of bytes. */
import { connect, createServer, type Socket } from "node:net";

export type Cut = {
  /** `up`: of what the client sends; `down`: of what the server answers. */
  readonly direction: "up" | "down";
  /** Bytes that still pass, over all connections. */
  readonly after: number;
};

export type BrokenWire = {
  /** Host and port of the near end. */
  readonly address: string;
  /** Where it breaks next; counted from now on. */
  breakAt(cut: Cut): void;
  /** Whether it broke. */
  isBroken(): boolean;
  stop(): Promise<void>;
};

export async function startBrokenWire(target: string): Promise<BrokenWire> {
  const sockets = new Set<Socket>();
  let cut: Cut | undefined;
  let left = 0;
  let broken = false;

  /** The part that still passes. */
  const pass = (direction: Cut["direction"], bytes: Buffer): Buffer => {
    if (cut?.direction !== direction || broken) return bytes;
    const passing = bytes.subarray(0, left);
    left -= passing.length;
    broken = passing.length < bytes.length || left === 0;
    return passing;
  };
  const relay = (direction: Cut["direction"], from: Socket, to: Socket, near: Socket, far: Socket) =>
    from.on("data", (bytes: Buffer) => {
      const before = broken;
      to.write(pass(direction, bytes));
      if (before || !broken) return;
      // What passed arrives; then the server sees an end and the client a reset.
      far.end();
      if (near.bytesWritten === 0 || direction === "up") near.resetAndDestroy();
      else near.destroySoon();
    });

  const server = createServer((near) => {
    const [host = "", port = ""] = target.split(":");
    const far = connect(Number(port), host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      socket.setNoDelay(true);
    }
    relay("up", near, far, near, far);
    relay("down", far, near, near, far);
    near.on("close", () => far.end());
    far.on("close", () => near.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    address: `127.0.0.1:${bound.port}`,
    breakAt: (next) => {
      cut = next;
      left = next.after;
      broken = false;
    },
    isBroken: () => broken,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
