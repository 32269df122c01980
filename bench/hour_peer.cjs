// The peer's side of hour_peer.py: node hour_peer.cjs standard|sha256 LEAVES PROOFS, a line of JSON.
const { createHash } = require("node:crypto");
const { StandardMerkleTree, SimpleMerkleTree } = require("@openzeppelin/merkle-tree");

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const hex = (bytes) => "0x" + bytes.toString("hex");
const bytes = (text) => Buffer.from(text.slice(2), "hex");
const nodeHash = (a, b) => hex(sha256(Buffer.of(1), ...(a < b ? [a, b] : [b, a]).map(bytes)));
const leaf = ([account, amount]) => hex(sha256(Buffer.of(0), sha256(bytes(account), amount)));

const [kind, leaves, proofs] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const account = (number) => hex(sha256(String(number)).subarray(0, 20));
const values = Array.from({ length: leaves }, (_, number) => [account(number), String(number + 1)]);

const begun = process.hrtime.bigint();
const before = process.cpuUsage();
const tree =
  kind === "standard"
    ? StandardMerkleTree.of(values, ["address", "uint64"])
    : SimpleMerkleTree.of(values.map(leaf), { nodeHash });
const built = process.hrtime.bigint();
const used = process.cpuUsage(before);
const step = Math.max(1, Math.floor(leaves / proofs));
let given = 0;
for (let at = 0; at < leaves; at += step, given++) tree.getProof(at);
const ended = process.hrtime.bigint();
console.log(
  JSON.stringify({
    seconds: Number(built - begun) / 1e9,
    processor: (used.user + used.system) / 1e6,
    proof: Number(ended - built) / 1e3 / given,
    memory: process.resourceUsage().maxRSS / 1024,
  }),
);
