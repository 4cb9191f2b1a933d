import { expect, test } from "vitest";
import { panelCopy, panelShape } from "./panel-copy.ts";

test("panels are as wide as outputs can be divided, or one panel is all there is", () => {
  expect(panelShape(1536, 576)).toEqual([48, 576, 32]);
  expect(panelShape(344, 128)).toEqual([43, 128, 8]);
  expect(panelShape(50_257, 64)).toEqual([1733, 64, 29]);
  expect(panelShape(127, 64)).toEqual([1, 64, 127]);
});

test("puts every weight in its place, once", () => {
  for (const [outputs, inputs] of [
    [96, 65],
    [7, 5],
    [20, 64],
  ] as const) {
    const matrix = Float32Array.from({ length: outputs * inputs }, (_, i) => i);
    const shape = panelShape(outputs, inputs);
    const copy = panelCopy(matrix, shape);
    for (let output = 0; output < outputs; output++)
      for (let input = 0; input < inputs; input++) {
        const panel = Math.floor(output / shape[2]);
        expect(copy[(panel * inputs + input) * shape[2] + (output % shape[2])]).toBe(output * inputs + input);
      }
    expect(panelCopy(matrix, shape)).toBe(copy);
  }
});
