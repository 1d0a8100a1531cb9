"use strict";
// Base64, gzip, varints, differences: what lobsim/report/replay_pack.py packed.

async function unpack(id) {
  const text = atob(document.getElementById(id).textContent.trim());
  const zipped = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) zipped[i] = text.charCodeAt(i);
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  const columns = {};
  let at = 4 + size;
  for (const [name, count, length] of head.columns) {
    columns[name] = wholeNumbers(bytes, at, count);
    at += length;
  }
  return { head, columns };
}

function wholeNumbers(bytes, at, count) {
  const values = new Float64Array(count);
  let value = 0;
  for (let i = 0; i < count; i++) {
    let byte = bytes[at++];
    let folded = byte & 127;
    for (let weight = 128; byte > 127; weight *= 128) { // shifts end at 32 bits
      byte = bytes[at++];
      folded += (byte & 127) * weight;
    }
    value += folded % 2 ? -(folded + 1) / 2 : folded / 2;
    values[i] = value;
  }
  return values;
}
