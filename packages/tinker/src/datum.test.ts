import { describe, expect, it } from "vitest";
import {
  checkDatum,
  completionDatum,
  floats,
  inputTokens,
  integers,
  TinkerError,
  textInput,
} from "./index.ts";

describe("completionDatum", () => {
  it("lets position i predict token i+1 and puts per-token values where they are predicted", () => {
    const datum = completionDatum([5, 6, 7], [8, 9], { weights: [0.5, -2] });
    expect([...inputTokens(datum.modelInput)]).toEqual([5, 6, 7, 8]);
    expect([...datum.lossInputs.target_tokens.data]).toEqual([6, 7, 8, 9]);
    expect([...(datum.lossInputs.weights?.data ?? [])]).toEqual([0, 0, 0.5, -2]);
  });

  it("refuses values that do not match the completion", () => {
    expect(() => completionDatum([1], [2, 3], { weights: [1] })).toThrow(
      "weights has 1 values for 2 completion tokens",
    );
  });
});

describe("checkDatum", () => {
  const good = completionDatum([1, 2], [3], { weights: [1] });

  it("accepts a complete datum", () => {
    expect(() => checkDatum(good, { name: "cross_entropy" }, 0)).not.toThrow();
  });

  it.each([
    ["datum 4: loss ppo needs loss input logprobs", good, { name: "ppo" }],
    [
      "datum 4: weights has 3 rows for 2 input positions",
      { ...good, lossInputs: { ...good.lossInputs, weights: floats([1, 1, 1]) } },
      { name: "cross_entropy" },
    ],
    [
      "datum 4: weights holds NaN",
      { ...good, lossInputs: { ...good.lossInputs, weights: floats([1, Number.NaN]) } },
      { name: "cross_entropy" },
    ],
    [
      "datum 4: model input is empty",
      { modelInput: textInput([]), lossInputs: { target_tokens: integers([]) } },
      { name: "cross_entropy" },
    ],
  ] as const)("refuses with '%s'", (message, datum, loss) => {
    expect(() => checkDatum(datum, loss, 4)).toThrow(message);
    try {
      checkDatum(datum, loss, 4);
    } catch (error) {
      expect(TinkerError.isInstance(error) && error.kind).toBe("user");
    }
  });
});
