/** A reader of RFC 4180, written for the tests: every cell as text. @throws Error for what is no such text */
export function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        at += 1;
        for (;;) {
          const end = text.indexOf('"', at);
          if (end < 0) throw new Error('A quoted cell has no end.');
          cell += text.slice(at, end);
          at = end + 1;
          if (text[at] !== '"') break;
          cell += '"';
          at += 1;
        }
      } else {
        const end = /[,\r\n"]|$/.exec(text.slice(at))?.index ?? 0;
        cell = text.slice(at, at + end);
        at += end;
      }
      record.push(cell);
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`A record does not end with CR LF at ${at}.`);
    at += 2;
    records.push(record);
  }
  return records;
}
