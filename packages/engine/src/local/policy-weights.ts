import type { LoraConfig } from "../model/lora.ts";
import { ParameterStore } from "../model/parameters.ts";

/** What stands on the transformer: logits of the vocabulary, or one score. */
export type HeadKind = "language" | "scalar";

/** One set of weights over a base: a policy in training, or what a sampler keeps of it. */
export class PolicyWeights {
  readonly store: ParameterStore;
  readonly lora: LoraConfig | undefined;
  readonly head: HeadKind;

  constructor(store: ParameterStore, lora: LoraConfig | undefined, head: HeadKind = "language") {
    this.store = store;
    this.lora = lora;
    this.head = head;
  }

  /** The same weights, out of reach of training. What was frozen before is shared. */
  frozenCopy(): PolicyWeights {
    const copied = this.store.trainable.map(({ name, shape, values }) => ({
      name,
      shape,
      values: values.slice(),
    }));
    return new PolicyWeights(new ParameterStore([], [...copied, ...this.store.frozen]), this.lora);
  }
}
