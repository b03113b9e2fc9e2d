// Count a round again in the browser, from its published files, and compare.

const button = document.querySelector("button[data-recount]");
const answer = document.querySelector("[data-recount-answer]");
const encoder = new TextEncoder();

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(response.status);
  return new Uint8Array(await response.arrayBuffer());
}

/** How many ballots carry each set of choices: [[numbers], count]. */
function compressed(text) {
  const counts = new Map();
  for (const line of text.split("\n").slice(0, -1)) {
    const choices = line.slice(line.lastIndexOf(",") + 1);
    counts.set(choices, (counts.get(choices) ?? 0) + 1);
  }
  return [...counts].map(([choices, count]) => [choices ? choices.split(" ").map(Number) : [], count]);
}

const divisor = (a, b) => (b ? divisor(b, a % b) : a);

/** An exact sum of fractions as [numerator, denominator] in lowest terms. */
function plus([a, b], [c, d]) {
  const [n, m] = [a * d + c * b, b * d];
  const by = divisor(n, m) || 1n;
  return [n / by, m / by];
}

const less = ([a, b], [c, d]) => a * d < c * b;
const written = ([n, m]) => (m === 1n ? `${n}` : `${n}/${m}`);

/** What the ticks of each topic count once the topics in `won` have won. */
function scores(profile, left, won, shared) {
  const sums = new Map(left.map((topic) => [topic, [0n, 1n]]));
  for (const [choices, count] of profile) {
    const wins = shared ? choices.filter((topic) => won.includes(topic)).length : 0;
    for (const topic of choices) {
      if (sums.has(topic)) sums.set(topic, plus(sums.get(topic), [BigInt(count), BigInt(1 + wins)]));
    }
  }
  return sums;
}

/** Level topics in the order of the lot. */
async function drawn(level, params, root) {
  const head = [encoder.encode("tiebreak-v1\n"), bytesOf(params.seed), bytesOf(root)];
  const keyed = await Promise.all(level.map(async (topic) => {
    const parts = [...head, encoder.encode(`${params.slug}\n${topic}`)];
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
    return [hex(await sha256(whole)), topic];
  }));
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, topic]) => topic);
}

async function places(profile, params, root) {
  const shared = params.method === "share_the_wins";
  const standing = params.topics.filter((topic) => !params.withdrawn.includes(topic));
  const steps = [];
  const won = [];
  while (won.length < standing.length) {
    const left = standing.filter((topic) => !won.includes(topic)).sort((a, b) => a - b);
    const sums = scores(profile, left, won, shared);
    const best = [...sums.values()].reduce((high, score) => (less(high, score) ? score : high));
    const level = left.filter((topic) => written(sums.get(topic)) === written(best));
    const lot = best[0] > 0n && level.length > 1 && params.tie_rule === "lot";
    const order = lot ? await drawn(level, params, root) : [];
    const groups = lot ? (shared ? order.slice(0, 1) : order).map((topic) => [topic]) : [level];
    for (const topics of groups) {
      steps.push({ topics, score: written(best), drawn_from: lot ? level : [] });
      won.push(...topics);
    }
  }
  return steps;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const inOrder = ({ topics, score, drawn_from: from }) => [topics, score, from];

/** Compare everything; returns how many ballots there are and the names of what differs. */
async function recount() {
  const [list, about, counted] = await Promise.all(
    [button.dataset.ballots, button.dataset.round, button.dataset.result].map(fetched),
  );
  const read = new TextDecoder();
  const [round, result] = [JSON.parse(read.decode(about)), JSON.parse(read.decode(counted))];
  const { params } = round;
  const profile = compressed(read.decode(list));
  const ballots = profile.reduce((sum, [, count]) => sum + count, 0);
  const wrong = [];
  if (hex(await sha256(list)) !== round.lists_sha256.ballots) wrong.push(button.dataset.whatList);
  if (hex(await sha256(bytesOf(params.seed))) !== params.seed_commit) wrong.push(button.dataset.whatSeed);
  const ticks = (topic) => profile.reduce((sum, [on, count]) => sum + (on.includes(topic) ? count : 0), 0);
  const sums = Object.entries(result.approvals).every(([topic, votes]) => ticks(Number(topic)) === votes);
  if (!sums || ballots !== result.ballots) wrong.push(button.dataset.whatSums);
  const steps = await places(profile, params, round.ballots_root);
  if (!same(steps.map(inOrder), result.steps.map(inOrder))) wrong.push(button.dataset.whatPlaces);
  return [ballots, wrong];
}

// Without a secure connection a browser offers no hashes.
if (button && globalThis.crypto?.subtle) {
  button.hidden = false;
  document.querySelector("[data-recount-off]").hidden = true;
  button.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true");
    answer.textContent = button.dataset.working;
    try {
      const [ballots, wrong] = await recount();
      answer.textContent = wrong.length
        ? button.dataset.different.replace("{what}", wrong.join(", "))
        : button.dataset.same.replace("{ballots}", ballots);
    } catch {
      answer.textContent = button.dataset.unable;
    }
    button.removeAttribute("aria-disabled");
  });
}
