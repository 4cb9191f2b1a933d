import { TinkerError } from "@armature/tinker";

/** Throws `TinkerError` of kind `user`, which begins with `where`, for a number that is no token id. */
export function checkTokens(tokens: ArrayLike<number>, vocabularySize: number, where: string): void {
  for (let i = 0; i < tokens.length; i++)
    if (!(Number.isInteger(tokens[i]) && tokens[i]! >= 0 && tokens[i]! < vocabularySize))
      throw new TinkerError(
        "user",
        `${where} holds ${tokens[i]} at position ${i}, token ids are 0 to ${vocabularySize - 1}`,
      );
}
