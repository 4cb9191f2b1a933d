import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { Interruption } from "./interruption.ts";

it("asks to stop at the first signal and exits with 130 at the second", () => {
  const source = new EventEmitter();
  const lines: string[] = [];
  const codes: number[] = [];
  const interruption = new Interruption(
    (line) => lines.push(line),
    source,
    (code) => codes.push(code),
  );
  expect(interruption.stopRequested).toBe(false);

  source.emit("SIGINT");
  expect(interruption.stopRequested).toBe(true);
  expect(interruption.signal.aborted).toBe(true);
  expect(lines).toEqual(["stopping after this step and saving; press Ctrl-C again to stop at once"]);
  expect(codes).toEqual([]);

  source.emit("SIGTERM");
  expect(codes).toEqual([130]);
});

it("gives the signals back", () => {
  const source = new EventEmitter();
  const interruption = new Interruption(() => {}, source);
  interruption.dispose();
  source.emit("SIGINT");
  expect(interruption.stopRequested).toBe(false);
  expect(source.listenerCount("SIGINT")).toBe(0);
});
