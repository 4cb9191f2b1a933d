import { SeededStream } from "@armature/engine";
import { promptId } from "../data/content-id.ts";
import type { Message, Prompt } from "../data/prompt.ts";
import { RECIPIENTS, RULE_NAMES, TOPIC_NAMES } from "./lexicon.ts";
import { type NoteRequest, writeRequest } from "./note-request.ts";

/** Share of all requests that no policy ever learns from. */
const HELD_OUT_SHARE = 0.25;

/** Which requests are held out: the same ones in every run. */
const SPLIT_SEED = 20_261_122;

/** Every request of the world as a prompt, 1,600 of them, in two parts that share none. */
export function policyPrompts(): { readonly train: readonly Prompt[]; readonly heldOut: readonly Prompt[] } {
  const order = new SeededStream(SPLIT_SEED, "policy prompts").shuffled(
    allRequests().map((request): Prompt => {
      const messages: Message[] = [{ role: "user", content: writeRequest(request) }];
      return { id: promptId(messages), messages };
    }),
  );
  const heldOut = Math.round(order.length * HELD_OUT_SHARE);
  return { train: order.slice(heldOut), heldOut: order.slice(0, heldOut) };
}

function allRequests(): NoteRequest[] {
  const ruleLists = RULE_NAMES.flatMap((first) => [
    [first],
    ...RULE_NAMES.filter((second) => second !== first).map((second) => [first, second]),
  ]);
  return RECIPIENTS.flatMap((recipient) =>
    TOPIC_NAMES.flatMap((topic) => ruleLists.map((rules) => ({ recipient, topic, rules }))),
  );
}
