/** A wire to a server on loopback on which everything takes a while, as over a network. */
import { connect, createServer, type Socket } from "node:net";

export type DistantServer = { readonly address: string; stop(): Promise<void> };

/** @param milliseconds from either end to the other; a question and its answer take twice as long */
export async function startDistance(target: string, milliseconds: number): Promise<DistantServer> {
  const sockets = new Set<Socket>();
  const relay = (from: Socket, to: Socket) => {
    from.on("data", (bytes) => setTimeout(() => to.write(bytes), milliseconds));
    from.on("close", () => setTimeout(() => to.destroySoon(), milliseconds));
    from.on("error", () => undefined).setNoDelay(true);
    sockets.add(from);
  };
  const server = createServer((near) => {
    const [host = "", port = ""] = target.split(":");
    const far = connect(Number(port), host);
    relay(near, far);
    relay(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    address: `127.0.0.1:${bound.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
