import type { Results } from "../runtime/session.ts";
import type { ActivationLayout } from "./activations.ts";
import { batchBucket, lengthBucket } from "./bucket.ts";
import { decodeGraph, names, prefillGraph } from "./decoder-graph.ts";
import type { SampledModel } from "./decoder-network.ts";
import type { DecoderSessions, PreparedGraph, WeightSource } from "./decoder-sessions.ts";
import type { GrowingSequence } from "./growing-sequence.ts";
import type { KeyValueCache, LayerBlocks } from "./kv-cache.ts";
import { NextToken } from "./next-token.ts";
import { readDistributions } from "./next-token-graph.ts";
import type { PromptGroup } from "./sample-plan.ts";

/** Tokens read in one prefill, padding included, unless one prompt alone has more. */
const PREFILL_TOKENS = 2048;

/** New prompts are read when this share of the rows is free, so that prefills are few and large. */
const FREE_SHARE = 0.25;

/** From this batch on, repacking weights as right operands costs less than it brings. */
const ROWS_FROM_BATCH = 96;

function layoutOf(batch: number, constantWeights: boolean): ActivationLayout {
  if (batch === 1) return constantWeights ? "single" : "rows";
  return batch < ROWS_FROM_BATCH ? "columns" : "rows";
}

/** What a generation runs on. */
export interface GenerationContext {
  readonly model: SampledModel;
  readonly sessions: DecoderSessions;
  readonly weights: WeightSource;
  readonly cache: KeyValueCache;
  /** True where the matrices of the base never change, so that copies of them may be kept. */
  readonly constantWeights: boolean;
  /** Sequences side by side; the cache has room for as many, rounded up to a batch bucket. */
  readonly rowLimit: number;
}

/** A sequence whose prompt was read and which has no row yet. */
interface WaitingSequence {
  readonly sequence: GrowingSequence;
  readonly blocks: LayerBlocks;
  readonly index: number;
  readonly blockSlots: number;
}

/** The graph and the inputs of steps of one shape. */
interface DecodeStep {
  readonly key: string;
  readonly layout: ActivationLayout;
  readonly graph: PreparedGraph;
  readonly tokens: Int32Array;
  readonly inverseTemperatures: Float32Array | undefined;
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
  #waiting: WaitingSequence[] = [];
  /** The sequence of each row of the cache. */
  readonly #active: GrowingSequence[] = [];
  readonly #nextToken: NextToken;
  #step: DecodeStep | undefined;

  constructor(groups: readonly PromptGroup[], context: GenerationContext) {
    this.#groups = [...groups].reverse();
    this.#context = context;
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
    const next: PromptGroup[] = [];
    let left = rows;
    for (let group = this.#groups.at(-1); group; group = this.#groups.at(-1)) {
      left -= group.sequences.length;
      if (left < 0 && next.length > 0) break;
      next.push(group);
      this.#groups.pop();
    }
    while (next.length > 0) {
      // The longest prompts come first.
      const length = lengthBucket(next[0]!.prompt.length);
      let count = next.length;
      while (count > 1 && batchBucket(count) * length > PREFILL_TOKENS) count--;
      await this.#prefill(next.splice(0, count), length);
    }
    // The cache of sessions may have let the step's session go.
    this.#step = undefined;
  }

  async #prefill(groups: readonly PromptGroup[], length: number): Promise<void> {
    const { model, sessions, weights } = this.#context;
    const prompts = batchBucket(groups.length);
    const tempered = groups.some(({ temperature }) => temperature !== 1);
    const cached = groups.some(({ sequences }) => sequences.some(({ maxTokens }) => maxTokens > 1));
    const shape = { prompts, length, tempered, cached };
    const graph = await sessions.prepare(
      `prefill ${Object.values(shape)}`,
      () => prefillGraph(model, shape),
      weights,
    );
    const tokens = new Int32Array(prompts * length);
    const lengths = new Int32Array(prompts).fill(1);
    const inverseTemperatures = new Float32Array(prompts).fill(1);
    groups.forEach(({ prompt, temperature }, index) => {
      tokens.set(prompt, index * length);
      lengths[index] = prompt.length;
      inverseTemperatures[index] = 1 / temperature;
    });
    graph.bind({
      [names.tokens]: tokens,
      [names.lengths]: lengths,
      ...(tempered && { [names.inverseTemperatures]: inverseTemperatures }),
    });
    const results = await graph.run();
    const distributions = readDistributions(results, model.config.vocabularySize, false);
    const blocks = cached ? this.#newBlocks(results) : [];
    groups.forEach(({ sequences }, index) => {
      for (const sequence of sequences) {
        this.#nextToken.choose(distributions, index, sequence.choice, sequence.stream);
        this.#push(sequence);
        if (!sequence.isFinished) this.#waiting.push({ sequence, blocks, index, blockSlots: length });
      }
    });
  }

  #fillRows(): void {
    const { cache, rowLimit } = this.#context;
    const incoming = this.#waiting.splice(0, rowLimit - this.#active.length);
    this.#fitSlots(Math.max(0, ...incoming.map(({ sequence }) => sequence.promptLength)));
    for (const { sequence, blocks, index, blockSlots } of incoming) {
      cache.add(blocks, index, blockSlots, sequence.promptLength);
      this.#active.push(sequence);
    }
  }

  /** Gives every row room for one more token than the longest sequence has. */
  #fitSlots(longestComing: number): void {
    const { cache } = this.#context;
    let longest = longestComing;
    for (let row = 0; row < cache.rows; row++) longest = Math.max(longest, cache.lengthOf(row));
    cache.resize(lengthBucket(longest + 1));
  }

  async #decode(): Promise<void> {
    const { cache, model } = this.#context;
    const { graph, tokens, layout, inverseTemperatures } = await this.#prepareStep();
    for (let row = 0; row < tokens.length; row++) {
      const sequence = this.#active[row];
      tokens[row] = sequence?.lastToken ?? 0;
      if (inverseTemperatures) inverseTemperatures[row] = 1 / (sequence?.choice.temperature || 1);
    }
    const results = await graph.run();
    cache.append(this.#newBlocks(results));
    const distributions = readDistributions(results, model.config.vocabularySize, layout === "columns");
    // From the last row down, so that the row which fills a gap was already dealt with.
    for (let row = this.#active.length - 1; row >= 0; row--) {
      const sequence = this.#active[row]!;
      this.#nextToken.choose(distributions, row, sequence.choice, sequence.stream);
      this.#push(sequence);
      if (!sequence.isFinished) continue;
      cache.remove(row);
      const last = this.#active.pop()!;
      if (last !== sequence) this.#active[row] = last;
    }
  }

  async #prepareStep(): Promise<DecodeStep> {
    const { cache, constantWeights, model, sessions, weights } = this.#context;
    const batch = batchBucket(this.#active.length);
    const { slots } = cache;
    const layout = layoutOf(batch, constantWeights);
    const tempered = this.#active.some(({ choice }) => choice.temperature !== 0 && choice.temperature !== 1);
    const shape = { batch, slots, layout, tempered };
    const key = `decode ${Object.values(shape)}`;
    if (this.#step?.key === key) return this.#step;
    const graph = await sessions.prepare(key, () => decodeGraph(model, shape), weights);
    const { blocks, lengths } = cache.views(batch);
    const tokens = new Int32Array(batch);
    const inverseTemperatures = tempered ? new Float32Array(batch) : undefined;
    graph.bind({
      [names.tokens]: tokens,
      [names.lengths]: lengths,
      ...(inverseTemperatures && { [names.inverseTemperatures]: inverseTemperatures }),
      ...Object.fromEntries(
        blocks.map((block, i) => [
          i % 2 === 0 ? names.cachedKey(i / 2) : names.cachedValue((i - 1) / 2),
          block,
        ]),
      ),
    });
    this.#step = { key, layout, graph, tokens, inverseTemperatures };
    return this.#step;
  }

  /** New keys and values among the results, in the order of the cache. */
  #newBlocks(results: Results): LayerBlocks {
    const { layers } = this.#context.model.config;
    return Array.from({ length: layers }, (_, layer) => [
      results[names.newKey(layer)]!,
      results[names.newValue(layer)]!,
    ]).flat();
  }

  #push(sequence: GrowingSequence): void {
    sequence.push(this.#nextToken.token, this.#nextToken.logprob);
    this.tokens++;
    if (sequence.isFinished) this.finishedSequences++;
  }
}
