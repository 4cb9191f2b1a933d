import { describe, expect, it } from "vitest";
import { NANO_GENERATOR, NANO_JUDGE, NANO_POLICY, type NanoModel } from "./nano-models.ts";

/** Embedding, per layer four square attention matrices, three of the MLP and two norms, final norm. */
function parameters({
  vocab_size,
  hidden_size: d,
  intermediate_size: f,
  num_hidden_layers,
}: NanoModel): number {
  return vocab_size * d + num_hidden_layers * (4 * d * d + 3 * d * f + 2 * d) + d;
}

describe("the nano models", () => {
  it.each([
    ["judge", NANO_JUDGE, 0.35],
    ["generator", NANO_GENERATOR, 0.11],
    ["policy", NANO_POLICY, 0.11],
  ])("the %s has about %o million parameters", (_, model, millions) => {
    expect(Math.abs(parameters(model) / 1e6 - millions)).toBeLessThan(0.01);
    expect(model.hidden_size % model.num_attention_heads).toBe(0);
    expect((model.hidden_size / model.num_attention_heads) % 2).toBe(0);
  });
});
