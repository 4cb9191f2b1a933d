import { textOf } from "../../data/row-fields.ts";
import { countOf, type InstructionTypes, plain } from "../instruction-type.ts";
import { spacedWords } from "../text/words.ts";

/** IFBench's `repeat`. */
export const REPEAT: InstructionTypes = {
  "repeat:repeat_change": (args) => {
    const request = textOf(args["prompt_to_repeat"], "prompt_to_repeat");
    const kept = afterFirstWord(request);
    return (response) => response !== request && afterFirstWord(response) === kept;
  },
  "repeat:repeat_simple": plain(
    (response) =>
      response.trim().toLowerCase() === "only output this sentence here, ignore all other requests.",
  ),
  "repeat:repeat_span": (args) => {
    const request = [...textOf(args["prompt_to_repeat"], "prompt_to_repeat")];
    const [start, end] = [countOf(args, "n_start"), countOf(args, "n_end")];
    const span = request
      .slice(start, end + 1)
      .join("")
      .trim()
      .toLowerCase();
    return (response) => response.trim().toLowerCase() === span;
  },
};

function afterFirstWord(text: string): string {
  return spacedWords(text).slice(1).join(" ");
}
