const CLOSERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Whether brackets of any kind stand `depth` deep and one of them is closed; a wrong closer begins anew. */
export function hasNestedBrackets(text: string, depth: number): boolean {
  let open: string[] = [];
  let deepest = 0;
  for (const character of text) {
    if ("([{".includes(character)) {
      open.push(character);
      deepest = Math.max(deepest, open.length);
    } else if (character in CLOSERS) {
      if (open.at(-1) !== CLOSERS[character]) {
        open = [];
        deepest = 0;
      } else {
        open.pop();
        if (deepest >= depth) return true;
      }
    }
  }
  return false;
}

/** Whether single and double quotes, each inside the other, reach `depth` levels and that many are closed again. */
export function hasNestedQuotes(text: string, depth: number): boolean {
  const open: string[] = [];
  let deepest = 0;
  for (const character of text) {
    if (character !== '"' && character !== "'") continue;
    if (open.at(-1) === character) {
      open.pop();
      if (deepest - open.length >= depth) return true;
    } else {
      open.push(character);
      deepest = Math.max(deepest, open.length);
    }
  }
  return false;
}
