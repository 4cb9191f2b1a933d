import { halving, lengthBucket } from "./bucket.ts";
import type { SharedPromptsShape } from "./decode-graph.ts";
import type { KeyValueCache, LayerBlocks } from "./kv-cache.ts";

/** A prompt that was read: its keys and values are the first `length` tokens of entry `index` of blocks. */
export interface ReadPrompt {
  readonly blocks: LayerBlocks;
  readonly index: number;
  readonly blockSlots: number;
  readonly length: number;
}

/** Values of the inputs that `PromptPlaces` of the graph names. */
export interface PromptPlacesFeeds {
  readonly rowOfPlace: Int32Array;
  readonly placeOfRow: Int32Array;
  readonly promptLengths: Int32Array;
}

/** The prompts of the active rows, each held once in a cache of their own for as long as a row goes on from it. */
export class SharedPrompts {
  readonly #cache: KeyValueCache;
  readonly #most: { readonly prompts: number; readonly places: number };
  /** Prompts by row of the cache. */
  readonly #prompts: ReadPrompt[] = [];
  readonly #followers = new Map<ReadPrompt, number>();

  /**
   * @param cache with room for all prompts that may be active at a time
   * @param most prompts that may be active at a time, and rows that one of them may have
   */
  constructor(cache: KeyValueCache, most: { readonly prompts: number; readonly places: number }) {
    this.#cache = cache;
    this.#most = most;
  }

  /** One more row goes on from this prompt. */
  join(prompt: ReadPrompt): void {
    const followers = this.#followers.get(prompt) ?? 0;
    this.#followers.set(prompt, followers + 1);
    if (followers > 0) return;
    this.#prompts.push(prompt);
    this.#fitSlots();
    this.#cache.add(prompt.blocks, prompt.index, prompt.blockSlots, prompt.length);
  }

  /** One row less. */
  leave(prompt: ReadPrompt): void {
    const followers = this.#followers.get(prompt)! - 1;
    this.#followers.set(prompt, followers);
    if (followers > 0) return;
    this.#followers.delete(prompt);
    const row = this.#prompts.indexOf(prompt);
    this.#cache.remove(row);
    const last = this.#prompts.pop()!;
    if (last !== prompt) this.#prompts[row] = last;
    if (this.#prompts.length > 0) this.#fitSlots();
  }

  shape(): SharedPromptsShape {
    return {
      prompts: halving(this.#most.prompts, this.#prompts.length),
      places: halving(this.#most.places, Math.max(...this.#followers.values())),
      slots: this.#cache.slots,
    };
  }

  /** Writes which row goes on from which prompt. Rows past the active ones get a prompt without tokens. */
  locate(promptOfRow: readonly ReadPrompt[], { places }: SharedPromptsShape, into: PromptPlacesFeeds): void {
    const nextPlace = new Map(this.#prompts.map((prompt, row) => [prompt, row * places]));
    into.rowOfPlace.fill(0);
    into.placeOfRow.fill(0);
    into.promptLengths.fill(0);
    promptOfRow.forEach((prompt, row) => {
      const place = nextPlace.get(prompt)!;
      nextPlace.set(prompt, place + 1);
      into.rowOfPlace[place] = row;
      into.placeOfRow[row] = place;
      into.promptLengths[row] = prompt.length;
    });
  }

  #fitSlots(): void {
    this.#cache.resize(lengthBucket(Math.max(...this.#prompts.map(({ length }) => length))));
  }
}
