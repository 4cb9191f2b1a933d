import { layoutFor } from "./activations.ts";
import { batchBucket, slotBucket } from "./bucket.ts";
import { type DecodeShape, decodeGraph } from "./decode-graph.ts";
import type { SampledModel } from "./decoder-network.ts";
import type { DecoderSessions, PreparedGraph, WeightSource } from "./decoder-sessions.ts";
import { names } from "./graph-names.ts";
import type { GrowingSequence } from "./growing-sequence.ts";
import type { KeyValueCache, LayerBlocks } from "./kv-cache.ts";
import { NextToken, type TokenDistributions } from "./next-token.ts";
import { readDistributions } from "./next-token-graph.ts";
import { newBlocks, prefill, prefillCount } from "./prefill.ts";
import type { PromptGroup } from "./sample-plan.ts";
import { type ReadPrompt, SharedPrompts } from "./shared-prompts.ts";
import { topTokens } from "./top-tokens.ts";

/** New prompts are read when this share of the rows is free, so that prefills are few and large. */
const FREE_SHARE = 0.25;

/** What a generation runs on. */
export interface GenerationContext {
  readonly model: SampledModel;
  readonly sessions: DecoderSessions;
  readonly weights: WeightSource;
  /** True where the matrices of the base never change, so that copies of them may be kept. */
  readonly constantWeights: boolean;
  /** Sequences side by side. */
  readonly rowLimit: number;
  /** Its slots are multiples of this. */
  readonly slotStep: number;
  /** Of each sequence. Caches are empty and have room for `rowLimit` rows, rounded up to a batch bucket. */
  readonly rowCache: KeyValueCache;
  /** Where rows share prompts: prompts are then held here, and the rows' own cache goes on after them. */
  readonly shared:
    | { readonly cache: KeyValueCache; readonly prompts: number; readonly places: number }
    | undefined;
}

/** A sequence and the prompt that it goes on from. */
interface Continuation {
  readonly sequence: GrowingSequence;
  readonly prompt: ReadPrompt;
}

/** The graph and the inputs of steps of one shape. */
interface DecodeStep {
  readonly key: string;
  readonly shape: DecodeShape;
  readonly graph: PreparedGraph;
  readonly tokens: Int32Array;
  readonly inverseTemperatures: Float32Array;
  readonly rowOfPlace: Int32Array;
  readonly placeOfRow: Int32Array;
  readonly promptLengths: Int32Array;
}

/**
 * Samples the sequences of prompt groups: reads prompts, gives each of their sequences a row of the cache, and decodes
 * all rows step by step. A sequence that ends leaves its row at once; free rows go to the prompts still to come.
 */
export class Generation {
  /** Tokens sampled so far. */
  tokens = 0;
  finishedSequences = 0;
  readonly #context: GenerationContext;
  /** Prompts to come, the next one last. */
  readonly #groups: PromptGroup[];
  /** Prompts were read, rows are not free yet. */
  readonly #waiting: Continuation[] = [];
  /** By row of the cache. */
  readonly #active: Continuation[] = [];
  readonly #sharedPrompts: SharedPrompts | undefined;
  readonly #nextToken: NextToken;
  #step: DecodeStep | undefined;

  constructor(groups: readonly PromptGroup[], context: GenerationContext) {
    this.#groups = [...groups].reverse();
    this.#context = context;
    this.#sharedPrompts = context.shared && new SharedPrompts(context.shared.cache, context.shared);
    this.#nextToken = new NextToken(context.model.config.vocabularySize);
  }

  get isDone(): boolean {
    return this.#groups.length + this.#waiting.length + this.#active.length === 0;
  }

  /** Reads prompts where rows are free, then decodes one token of each row. */
  async advance(): Promise<void> {
    const { rowLimit } = this.#context;
    const free = rowLimit - this.#active.length;
    if (this.#waiting.length === 0 && (this.#active.length === 0 || free >= rowLimit * FREE_SHARE))
      await this.#readPrompts(free);
    this.#fillRows();
    if (this.#active.length > 0) await this.#decode();
  }

  /** Reads prompts for about `rows` sequences, at least one prompt. */
  async #readPrompts(rows: number): Promise<void> {
    const { model, sessions, weights } = this.#context;
    const next: PromptGroup[] = [];
    let left = rows;
    for (let group = this.#groups.at(-1); group; group = this.#groups.at(-1)) {
      left -= group.sequences.length;
      if (left < 0 && next.length > 0) break;
      next.push(group);
      this.#groups.pop();
    }
    while (next.length > 0) {
      const groups = next.splice(0, prefillCount(next));
      const { distributions, prompts } = await prefill(groups, model, sessions, weights);
      groups.forEach(({ sequences }, index) => {
        for (const sequence of sequences) {
          this.#sample(sequence, distributions, index);
          if (!sequence.isFinished) this.#waiting.push({ sequence, prompt: prompts[index]! });
        }
      });
      // At once: the keys and values of all prompts, beside the same in the cache, would take twice the memory.
      this.#fillRows();
    }
    // The session of the step may have been released for these.
    this.#step = undefined;
  }

  #fillRows(): void {
    const { rowCache, rowLimit } = this.#context;
    const incoming = this.#waiting.splice(0, rowLimit - this.#active.length);
    const prompts = this.#sharedPrompts;
    this.#fitSlots(prompts ? [] : incoming.map(({ prompt }) => prompt.length));
    for (const continuation of incoming) {
      const { prompt } = continuation;
      if (prompts) {
        prompts.join(prompt);
        rowCache.addEmpty();
      } else rowCache.add(prompt.blocks, prompt.index, prompt.blockSlots, prompt.length);
      this.#active.push(continuation);
    }
  }

  /** Gives every row room for one more token than the longest has. */
  #fitSlots(coming: readonly number[]): void {
    const { rowCache, slotStep } = this.#context;
    let longest = Math.max(0, ...coming);
    for (let row = 0; row < rowCache.rows; row++) longest = Math.max(longest, rowCache.lengthOf(row));
    rowCache.resize(slotBucket(longest + 1, slotStep));
  }

  async #decode(): Promise<void> {
    const { model, rowCache } = this.#context;
    const step = await this.#prepareStep();
    for (let row = 0; row < step.shape.batch; row++) {
      const sequence = this.#active[row]?.sequence;
      step.tokens[row] = sequence?.lastToken ?? 0;
      step.inverseTemperatures[row] = 1 / (sequence?.choice.temperature || 1);
    }
    if (step.shape.shared)
      this.#sharedPrompts!.locate(
        this.#active.map(({ prompt }) => prompt),
        step.shape.shared,
        step,
      );
    const results = await step.graph.run();
    rowCache.append(newBlocks(results, model));
    const distributions = readDistributions(results, model.config, step.shape.layout);
    // From the last row down, so that the row which fills a gap was already dealt with.
    for (let row = this.#active.length - 1; row >= 0; row--) {
      const { sequence } = this.#active[row]!;
      this.#sample(sequence, distributions, row);
      if (sequence.isFinished) this.#leave(row);
    }
  }

  #leave(row: number): void {
    this.#context.rowCache.remove(row);
    this.#sharedPrompts?.leave(this.#active[row]!.prompt);
    const last = this.#active.pop()!;
    if (row < this.#active.length) this.#active[row] = last;
  }

  async #prepareStep(): Promise<DecodeStep> {
    const { constantWeights, model, rowCache, sessions, weights } = this.#context;
    const batch = batchBucket(this.#active.length);
    const shared = this.#sharedPrompts?.shape();
    const shape: DecodeShape = {
      batch,
      slots: rowCache.slots,
      layout: batch === 1 && constantWeights ? "single" : layoutFor(batch),
      tempered: this.#active.some(({ sequence }) => ![0, 1].includes(sequence.choice.temperature)),
      shared,
    };
    const key = `decode ${JSON.stringify(shape)}`;
    if (this.#step?.key === key) return this.#step;
    const source = { key, build: () => decodeGraph(model, shape), tokens: batch, logitRows: batch };
    const graph = await sessions.prepare(source, weights);
    const { blocks, lengths } = rowCache.views(batch);
    const step: DecodeStep = {
      key,
      shape,
      graph,
      tokens: new Int32Array(batch),
      inverseTemperatures: new Float32Array(batch),
      rowOfPlace: new Int32Array(shared ? shared.prompts * shared.places : 0),
      placeOfRow: new Int32Array(batch),
      promptLengths: new Int32Array(batch),
    };
    graph.bind({
      [names.tokens]: step.tokens,
      [names.lengths]: lengths,
      ...(shape.tempered && { [names.inverseTemperatures]: step.inverseTemperatures }),
      ...cacheFeeds(blocks, names.rowKey, names.rowValue),
    });
    if (shared)
      graph.bind({
        [names.rowOfPlace]: step.rowOfPlace,
        [names.placeOfRow]: step.placeOfRow,
        [names.promptLengths]: step.promptLengths,
        ...cacheFeeds(
          this.#context.shared!.cache.views(shared.prompts).blocks,
          names.promptKey,
          names.promptValue,
        ),
      });
    this.#step = step;
    return step;
  }

  #sample(sequence: GrowingSequence, distributions: TokenDistributions, row: number): void {
    const next = this.#nextToken;
    next.choose(distributions, row, sequence.choice, sequence.stream);
    const { choice, topLogprobs } = sequence;
    const alternatives =
      topLogprobs > 0 ? topTokens(distributions, row, topLogprobs, choice.temperature) : undefined;
    sequence.push(next.token, next.logprob, alternatives);
    this.tokens++;
    if (sequence.isFinished) this.finishedSequences++;
  }
}

function cacheFeeds(
  blocks: LayerBlocks,
  keyName: (layer: number) => string,
  valueName: (layer: number) => string,
): Record<string, Float32Array> {
  return Object.fromEntries(
    blocks.map((block, i) => [i % 2 === 0 ? keyName(i / 2) : valueName((i - 1) / 2), block]),
  );
}
