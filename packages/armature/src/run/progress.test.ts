import { expect, it } from "vitest";
import { durationText, type ProgressStream, progressOn } from "./progress.ts";

/** A stream that remembers, and a clock that the test moves. */
function stage(terminal: Partial<ProgressStream>) {
  let text = "";
  let now = 0;
  const stream = { ...terminal, write: (part: string) => (text += part) };
  return {
    progress: progressOn(stream, () => now),
    wait: (seconds: number) => {
      now += seconds * 1000;
    },
    text: () => text,
  };
}

it("prints plain lines at phase changes, at the end of a phase and every five seconds otherwise", () => {
  const { progress, wait, text } = stage({});
  for (let done = 0; done <= 8; done++) {
    progress.update({ phase: "round 1 judge", done, total: 8, metrics: { reward: 0.5 + done / 80 } });
    wait(2);
  }
  progress.say("saved");
  progress.update({ phase: "evaluation", done: 0, total: 40 });
  progress.end();
  expect(text()).toMatchInlineSnapshot(`
    "round 1 judge  0/8  reward 0.5
    round 1 judge  3/8  0.5/s  0:10 left  reward 0.537
    round 1 judge  6/8  0.5/s  0:04 left  reward 0.575
    round 1 judge  8/8  0.5/s  0:00 left  reward 0.6
    saved
    evaluation  0/40
    "
  `);
});

it("takes the time left from the whole run, counted from where this process began", () => {
  const { progress, wait, text } = stage({});
  progress.update({ phase: "a", done: 5, total: 10, runShare: 0.5 });
  wait(60);
  progress.update({ phase: "a", done: 10, total: 10, runShare: 0.6 });
  expect(text().split("\n")[1]).toBe("a  10/10  5/min  4:00 left");
});

it("redraws one line on a terminal and never fills its width", () => {
  const { progress, wait, text } = stage({ isTTY: true, columns: 60 });
  progress.update({ phase: "round 1 judge", done: 0, total: 4 });
  wait(30);
  progress.update({ phase: "round 1 judge", done: 1, total: 4, metrics: { reward: 0.612345, kl: 0.0213 } });
  progress.say("checkpoint saved");
  progress.end();
  const drawn = text().split("\r\u001b[K");
  expect(drawn).toMatchInlineSnapshot(`
    [
      "",
      "round 1 judge  ░░░░░░░░░░░░░░░░  0/4",
      "round 1 judge  ████░░░░░░░░░░░░  1/4  2/min  1:30 left",
      "checkpoint saved
    ",
      "round 1 judge  ████░░░░░░░░░░░░  1/4  2/min  1:30 left
    ",
    ]
  `);
  for (const line of drawn) expect(line.trimEnd().length).toBeLessThan(60);
});

it("writes durations", () => {
  expect([0, 7.4, 59.6, 750, 3599.6, 11_100].map(durationText)).toEqual([
    "0:00",
    "0:07",
    "1:00",
    "12:30",
    "1 h 00",
    "3 h 05",
  ]);
});
