/** One entry of a tar archive under test, good or bad. */
export interface TarEntry {
  readonly name: string;
  readonly data?: string | Uint8Array;
  /** "0" a file, "2" a link, "5" a folder. */
  readonly type?: string;
  readonly linkTo?: string;
  /** A size that the header states in place of the true one. */
  readonly claims?: number;
  readonly wrongSum?: boolean;
}

/** An uncompressed ustar archive; without `end` it stops after the last entry, as one that was cut short does. */
export function tarBytes(entries: readonly TarEntry[], end = true): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { name, data = "", type = "0", linkTo = "", claims, wrongSum } of entries) {
    const content = Buffer.from(data as string);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write("0000644\0", 100);
    header.write(`${(claims ?? content.length).toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write(type, 156);
    header.write(linkTo, 157, 100);
    header.write("ustar\x0000", 257);
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0) + (wrongSum ? 1 : 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  if (end) blocks.push(Buffer.alloc(1024));
  return new Uint8Array(Buffer.concat(blocks));
}
