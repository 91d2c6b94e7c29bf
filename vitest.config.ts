import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Scanners and image builds take seconds; nothing in the suite asserts on time.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
    pool: "forks",
    reporters: process.env["CI"] === undefined ? ["default"] : ["verbose"],
  },
});
