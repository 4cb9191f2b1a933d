import { describe, expect, it } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

describe("retryAfterMs", () => {
  it("reads milliseconds, seconds and dates, and nothing else", () => {
    const now = Date.UTC(2026, 0, 2, 3, 4, 5);
    const rows: [Record<string, string>, number | undefined][] = [
      [{ "retry-after-ms": "12.5", "retry-after": "9" }, 12.5],
      [{ "retry-after": "0" }, 0],
      [{ "retry-after": "1.5" }, 1500],
      [{ "retry-after": "Fri, 02 Jan 2026 03:04:35 GMT" }, 30_000],
      [{ "retry-after": "Fri, 02 Jan 2026 03:00:00 GMT" }, 0],
      [{ "retry-after": "soon" }, undefined],
      [{ "retry-after": "-3" }, undefined],
      [{ "retry-after": "" }, undefined],
      [{}, undefined],
    ];
    for (const [headers, expected] of rows)
      expect(retryAfterMs(headers, now), JSON.stringify(headers)).toBe(expected);
  });
});
