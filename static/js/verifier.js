// Checks an offline bundle in the reader's own browser. Nothing is sent anywhere.
import { verifyAsync } from "../vendor/noble-ed25519-2.3.0/index.js";

const utf8 = (text) => new TextEncoder().encode(text);

const fromHex = (text) => {
  if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) throw new Error("not hex");
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
};

const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const fromBase64 = (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (btoa(String.fromCharCode(...bytes)) !== text) throw new Error("not base64 in its one spelling");
  return bytes;
};

const joined = (...parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const sha256 = async (...parts) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

const leafHash = (entry) => sha256(Uint8Array.of(0), entry);

/** Whether a signature holds: by the browser's own Ed25519, else by the one that came along. */
async function holds(publicKey, signature, message) {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    try {
      return await verifyAsync(signature, message, publicKey);
    } catch {
      return false; // not a point on the curve
    }
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

/** A public key from its one word. */
function readKey(vkey) {
  const [, name, id, body] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const bytes = fromBase64(body);
  if (bytes.length !== 33) throw new Error("not a key");
  return { name, id, kind: bytes[0], bytes: bytes.slice(1) };
}

/** A signed note in its parts: text, and the signature lines by key. */
function readNote(note) {
  const at = note.lastIndexOf("\n\n");
  if (at < 0 || !note.endsWith("\n")) throw new Error("not a note");
  const lines = note.slice(at + 2, -1).split("\n").map((line) => {
    const [, name, body] = /^— ([^\s+]+) (\S+)$/.exec(line);
    const bytes = fromBase64(body);
    return { name, id: toHex(bytes.slice(0, 4)), body: bytes.slice(4) };
  });
  const text = note.slice(0, at + 1);
  const [origin, size, root, end, ...more] = text.split("\n");
  if (end !== "" || more.length || !/^[1-9][0-9]{0,15}$/.test(size)) throw new Error("not a checkpoint");
  return { text, lines, origin, size: Number(size), root: toHex(fromBase64(root)) };
}

/** Whether a key signed a note; undefined where it did not try. `seen` is a cosigner's time. */
async function signed(key, note) {
  const line = note.lines.find((each) => each.name === key.name && each.id === key.id);
  if (!line) return undefined;
  if (key.kind === 1) return { good: await holds(key.bytes, line.body, utf8(note.text)) };
  if (line.body.length !== 72) return { good: false };
  const seconds = Number(new DataView(line.body.buffer, line.body.byteOffset).getBigUint64(0));
  const message = utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`);
  return { good: await holds(key.bytes, line.body.slice(8), message), seen: new Date(seconds * 1000) };
}

/** The root a path leads to (RFC 9162 section 2.1.3.2), in hex; "" if its length is wrong. */
async function rootByPath(leaf, index, size, path) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return "";
  let at = BigInt(index);
  let last = BigInt(size - 1);
  let found = leaf;
  for (const beside of path.map(fromHex)) {
    if (last === 0n) return "";
    if (at & 1n || at === last) {
      found = await sha256(Uint8Array.of(1), beside, found);
      while (!(at & 1n) && at) [at, last] = [at >> 1n, last >> 1n];
    } else {
      found = await sha256(Uint8Array.of(1), found, beside);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n ? toHex(found) : "";
}

/** Whether an event's text leads to the checkpoint. */
async function placed(part, note) {
  const digest = await sha256(fromHex(part.salt), utf8(part.event));
  return (await rootByPath(await leafHash(digest), part.seq, note.size, part.path)) === note.root;
}

/** Every step in turn: `tell(step, good, detail)`. Returns the lot's event, or null. */
async function check(text, vkey, cosigners, tell) {
  let bundle;
  try {
    bundle = JSON.parse(text);
    if (bundle.format !== "shanhuo-bundle-1" || !bundle.lot.event) throw new Error("not a bundle");
  } catch {
    return tell("read-bad", false);
  }
  tell("read-good", true);
  if (bundle.vkey !== vkey) return tell("key-bad", false);
  tell("key-good", true, vkey);

  let note;
  try {
    note = readNote(bundle.note);
  } catch {
    return tell("note-bad", false);
  }
  const key = readKey(vkey);
  const ours = await signed(key, note);
  if (!ours || !ours.good || note.origin !== key.name) return tell("signature-bad", false);
  tell("signature-good", true, note.size.toLocaleString());
  for (const each of cosigners.map(readKey)) {
    const theirs = await signed(each, note);
    if (!theirs) continue;
    if (!theirs.good) return tell("cosigned-bad", false, each.name);
    tell("cosigned-good", true, `${each.name} ${shown(theirs.seen)}`);
  }

  try {
    if (!(await placed(bundle.lot, note))) return tell("lot-bad", false);
  } catch {
    return tell("lot-bad", false);
  }
  tell("lot-good", true, bundle.lot.seq);
  const event = JSON.parse(bundle.lot.event);
  return !bundle.box || (await checkBox(bundle.box, event, note, tell)) ? event : null;
}

/** Whether the box's code was printed for the lot. */
async function checkBox(box, event, note, tell) {
  try {
    if (!(await placed(box, note))) return tell("label-bad", false);
  } catch {
    return tell("label-bad", false);
  }
  tell("label-good", true, box.seq);
  const facts = JSON.parse(box.event).facts;
  if (facts.lot !== event.facts.lot) return tell("other-lot", false);
  let root = "";
  try {
    root = await rootByPath(await leafHash(fromHex(box.code)), box.position, facts.count, box.code_path);
  } catch {
    root = "";
  }
  const printed = root !== "" && root === facts.codes_root;
  tell(printed ? "code-good" : "code-bad", printed);
  return printed;
}

const shown = (moment) =>
  moment.toLocaleString(document.documentElement.lang, { timeZone: "Asia/Shanghai" });

const made = (name, className, text = "") => {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
};

/** Takes a bundle as a file or as text and says, step by step, whether it holds. */
class BundleVerifier extends HTMLElement {
  connectedCallback() {
    if (!globalThis.crypto?.subtle) return; // an unsafe address: the words for no script stay
    this.querySelector(".verify-without").hidden = true;
    this.querySelector(".verify-with").hidden = false;
    const box = this.querySelector("textarea");
    this.querySelector("button").addEventListener("click", () => this.check(box.value));
    this.querySelector("input").addEventListener("change", (event) => this.take(event.target.files[0]));
    this.addEventListener("dragover", (event) => event.preventDefault());
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer.files[0]);
    });
  }

  async take(file) {
    if (!file) return;
    const text = await file.text();
    this.querySelector("textarea").value = text;
    await this.check(text);
  }

  word(name) {
    const found = this.querySelector(`template[data-word="${name}"]`);
    return found ? found.content.textContent : "";
  }

  async check(text) {
    this.querySelector(".verify-result").replaceChildren();
    const steps = made("ol", "verify-steps");
    const tell = (step, good, detail = "") => {
      const item = made("li", good ? "verify-good" : "verify-bad");
      item.append(
        made("strong", "", this.word(good ? "passed" : "failed")),
        made("span", "", ` ${this.word(step).replace("{detail}", () => detail)}`),
      );
      steps.append(item);
      return null;
    };
    const cosigners = this.dataset.cosigners.split(" ").filter(Boolean);
    const event = await check(text.trim(), this.dataset.vkey, cosigners, tell);
    const verdict = made("p", `verdict verdict-${event ? "ok" : "bad"}`, this.word(event ? "good" : "bad"));
    const more = event ? [this.facts(event), this.says(event)] : [];
    this.querySelector(".verify-result").replaceChildren(verdict, steps, ...more);
  }

  facts(event) {
    const list = made("dl", "facts");
    for (const [name, value] of Object.entries(event.facts)) {
      const words = this.word(`fact-${name}`);
      if (!words || value === "" || value === null) continue;
      const row = document.createElement("div");
      row.append(made("dt", "", words), made("dd", "", value));
      list.append(row);
    }
    return list;
  }

  says(event) {
    const more = document.createElement("details");
    more.append(made("summary", "", this.word("says")), made("pre", "", JSON.stringify(event, null, 1)));
    return more;
  }
}

customElements.define("bundle-verifier", BundleVerifier);
