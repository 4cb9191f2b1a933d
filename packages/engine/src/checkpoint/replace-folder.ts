import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { syncFolder } from "../weights/atomic-file.ts";

/**
 * Fills a new folder and puts it in the place of the old one. Whatever stops it, a full disk or a kill, one complete folder
 * remains: at its place, or for a moment between two renames beside it, where `settledFolder` finds it.
 * One writer at a time for a folder.
 */
export function replaceFolder(folder: string, fill: (temporary: string) => void): void {
  const { place, partial, previous } = pathsOf(folder);
  try {
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    fill(partial);
    syncFolder(partial);
    if (existsSync(place)) {
      rmSync(previous, { recursive: true, force: true });
      renameSync(place, previous);
    }
    renameSync(partial, place);
    syncFolder(dirname(place));
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(place) && existsSync(previous)) renameSync(previous, place);
    throw error;
  }
  rmSync(previous, { recursive: true, force: true });
}

/** Where the content of a folder is, also after a kill in the middle of `replaceFolder`. */
export function settledFolder(folder: string): string {
  const { place, previous } = pathsOf(folder);
  return !existsSync(place) && existsSync(previous) ? previous : place;
}

function pathsOf(folder: string): { place: string; partial: string; previous: string } {
  const place = resolve(folder);
  return { place, partial: `${place}.partial`, previous: `${place}.previous` };
}
