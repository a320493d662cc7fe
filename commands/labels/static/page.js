"use strict";

const $ = id => document.getElementById(id);
const NAME = new URLSearchParams(location.search).get("name") || "";
const MANY = 12;          // classes from which there is a box to find one
const SAME_AGAIN = 300;   // ms in which the same decision is a double press
const OTHER_KEY = 60;     // ms in which any decision is: two keys under one finger
const TIMEOUT = 15000;    // ms to wait for an answer
const OWN_KEYS = {
  s: "Skip the row: it cannot be labelled",
  u: "Unsure: someone else is asked",
  Backspace: "Undo: take the last decision back",
  n: "Write a note on the row",
  g: "Show what the model guesses",
  "/": "Find a class, where there are many",
  Escape: "Leave a correction",
  "?": "This help",
};

let desk = null;       // what the server said last
let stock = [];        // rows that come next
let current = null;    // the row on the screen
let decided = null;    // the decision that is corrected
let guessShown = false;
let busy = false;
let version = 0;       // grows with every event: an answer of before is out of date
let offset = 0;        // ms by which the server's clock is ahead
let last = null;       // the last decision
let shownAt = 0, visibleSince = 0, visibleFor = 0;
let unsent = [];
let order = [];        // rows that come next, as the server said when it saved the last event
const dropped = new Set();
const images = new Map();

// --- talking to the server -----------------------------------------------------------------------

async function api(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", body: JSON.stringify(body), headers: {"content-type": "application/json"},
  };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    const answer = await fetch(path, {...options, signal: abort.signal});
    const value = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(value.error), {status: answer.status});
    return value;
  } catch (error) {
    if (error.status) throw error;
    throw new Error("the page cannot reach its server; is it still running?");
  } finally {
    clearTimeout(timer);
  }
}

const query = values => "?" + new URLSearchParams(values);
const now = () => new Date(Date.now() + offset).toISOString();

// crypto.randomUUID is missing where the page is not of this machine.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = bytes[6] & 15 | 64;
  bytes[8] = bytes[8] & 63 | 128;
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// --- decisions that are not yet saved ------------------------------------------------------------
// Each has an entry of its own in localStorage, which outlives the tab.

const prefix = () => `unsent ${desk.log} ${NAME} `;

function stored() {
  try {
    return Object.keys(localStorage).filter(key => key.startsWith(prefix())).sort()
      .map(key => ({key, ...JSON.parse(localStorage[key])}));
  } catch { return []; }
}

function save(event, row) {
  const item = {key: prefix() + event.time + " " + event.id, event, row};
  try { localStorage[item.key] = JSON.stringify({event, row}); } catch { /* kept in memory */ }
  unsent.push(item);
  version += 1;
  return flush().then(() => !dropped.has(event.id));
}

let flushing = null;
const flush = () => flushing ??= deliver().finally(() => { flushing = null; });

async function deliver() {
  for (let pause = 500; unsent.length;) {
    const item = unsent[0];
    const slow = setTimeout(() => alarm("The server has not answered yet.", item), 1500);
    try {
      order = (await api("/api/events", item.event)).next;
      forget(item);
      pause = 500;
    } catch (error) {
      clearTimeout(slow);
      alarm(error.message, item, error.status === 422);
      await new Promise(resolve => { wake = resolve; setTimeout(resolve, pause); });
      pause = Math.min(pause * 2, 5000);
    } finally {
      clearTimeout(slow);
    }
  }
  $("alert").hidden = true;
}

let wake = () => {};

function forget(item) {
  unsent = unsent.filter(other => other !== item);
  try { localStorage.removeItem(item.key); } catch { /* it was in memory only */ }
}

const sentence = text => text.replace(/^./, letter => letter.toUpperCase()).replace(/[^.?!]$/, "$&.");

function alarm(reason, item, hopeless = false) {
  const {decision, label} = item.event;
  const what = `“${label ?? decision}” for row ${item.row}.`;
  const kept = hopeless ? "" : " It is kept in this browser and sent again until it is saved.";
  const text = `${what} ${sentence(reason)}${kept}`;
  if ($("reason").textContent !== text) $("reason").textContent = text;
  $("drop").hidden = !hopeless;
  $("alert").hidden = false;
}

$("retry").onclick = () => wake();
$("drop").onclick = () => {
  dropped.add(unsent[0].event.id);
  forget(unsent[0]);
  wake();
};
addEventListener("beforeunload", event => { if (unsent.length) event.preventDefault(); });

// --- what comes next -----------------------------------------------------------------------------

let refreshing = null;
const refresh = () => refreshing ??= load().finally(() => { refreshing = null; });

async function load() {
  for (;;) {
    const before = version;
    const fresh = await api("/api/desk" + query({
      name: NAME, ...(current && !decided ? {row: current.row} : {}),
    }));
    if (before !== version) continue;
    offset = Date.parse(fresh.now) - Date.now();
    for (const row of fresh.rows) row.offer = fresh.classes;
    desk = fresh;
    const waiting = new Set(unsent.map(item => item.row));
    stock = fresh.rows.filter(row => row.row !== current?.row && !waiting.has(row.row));
    fetchImages();
    renderSide();
    if (!current) advance();
    return;
  }
}

function advance() {
  decided = null;
  current = stock.shift() ?? null;
  render();
}

function fetchImages() {
  const rows = new Set([current, ...stock].filter(row => row?.image).map(row => row.row));
  for (const row of images.keys()) if (!rows.has(row)) images.delete(row);
  for (const row of rows) if (!images.has(row)) images.set(row, image(row));
}

function image(row) {
  const frame = element("div"), picture = new Image();
  picture.alt = `Image of row ${row}`;
  picture.onload = () => {
    const {naturalWidth, naturalHeight} = picture;
    picture.classList.toggle("pixels", Math.max(naturalWidth, naturalHeight) <= 64);
  };
  picture.onerror = () => { frame.textContent = "The image of this row cannot be shown."; };
  picture.src = "/api/image" + query({row});
  frame.append(picture);
  return frame;
}

// --- deciding ------------------------------------------------------------------------------------

// Whether the person cannot have meant this row: the press was for the one before.
function isDoublePress(what) {
  const since = performance.now() - shownAt;
  return since < OTHER_KEY || (what === last && since < SAME_AGAIN);
}

function makeEvent(row, decision, values) {
  return {
    id: uuid(), time: now(), decision, shown: guessShown, seconds: seconds(), ticket: row.ticket,
    classes: row.offer.map(each => each.name), ...values,
  };
}

async function decide(decision, label = null) {
  if (busy || !current) return;
  const what = `${decision} ${label}`;
  if (isDoublePress(what)) return;
  if (decided && decided.decision === decision && decided.label === label) return leave();
  last = what;
  const event = makeEvent(current, decision, {label, instead_of: decided?.id ?? null});
  await occupied(async () => {
    if (!await save(event, current.row)) return;
    stock = order.flatMap(row => stock.filter(each => each.row === row));
    advance();
    if (current) refresh().catch(() => {}); else await refresh();
  });
}

async function undo() {
  if (busy || isDoublePress("undo")) return;
  await occupied(async () => {
    if (!decided) {
      await refresh();
      if (!desk.recent.length) return announce("There is nothing to take back.");
      await open(desk.recent[0].row);
    }
    last = "undo";
    const event = makeEvent(current, "retract", {instead_of: decided.id, seconds: 0});
    if (!await save(event, current.row)) return;
    decided = null;
    render("Taken back. ");
    refresh().catch(() => {});
  });
}

async function correct(row) {
  if (busy) return;
  await occupied(async () => {
    await refresh();
    await open(row);
    render();
    $("card").focus({preventScroll: true});
  });
}

// Put a row that was decided on the screen; the one that was there comes after it.
async function open(row) {
  const view = await api("/api/row" + query({name: NAME, row}));
  view.offer = desk.classes;
  if (current && !decided) stock.unshift(current);
  current = view;
  decided = view.decided;
  fetchImages();
}

function leave() {
  if (busy || !decided) return;
  advance();
}

function showGuess() {
  if (!current?.guess) return announce("The model has not guessed this row.");
  guessShown = true;
  const {label, p} = current.guess;
  const name = document.createElement("strong");
  name.textContent = label;
  name.dir = "auto";
  $("guess").replaceChildren("The model guesses ", name, ` (${Math.round(p * 100)}%).`);
  $("guess").hidden = false;
  announce($("guess").textContent);
}

async function saveNote() {
  const text = $("note-text").value.trim();
  const row = current;
  $("note").close();
  if (!text || busy || !row) return;
  await occupied(async () => {
    if (!await save(makeEvent(row, "note", {text}), row.row)) return;
    row.notes = [...row.notes, text];
    $("note-text").value = "";
    if (row === current) renderNotes();
    announce("Note saved.");
  });
}

// One thing at a time: nothing else is decided until it is saved.
async function occupied(work) {
  busy = true;
  const slow = setTimeout(() => mute(true), 150);
  try {
    await work();
  } catch (error) {
    trouble(error);
  } finally {
    clearTimeout(slow);
    mute(false);
    busy = false;
  }
}

const mute = off => {
  for (const button of $("actions").querySelectorAll("button")) {
    button.setAttribute("aria-disabled", off);
  }
};

// --- time on the screen --------------------------------------------------------------------------

function startClock() {
  shownAt = visibleSince = performance.now();
  visibleFor = 0;
}

function seconds() {
  const visible = document.hidden ? 0 : performance.now() - visibleSince;
  return Math.round(visibleFor + visible) / 1000;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) visibleFor += performance.now() - visibleSince;
  else { visibleSince = performance.now(); poll(); }
});

// --- showing -------------------------------------------------------------------------------------

function element(tag, text, values = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return Object.assign(made, values);
}

function pair(term, value) {
  const group = element("div");
  const empty = value === "";
  group.append(element("dt", term, {dir: "auto"}),
    element("dd", empty ? "–" : value, {dir: "auto", className: empty ? "empty" : ""}));
  return group;
}

function announce(text) {
  $("announcement").textContent = text;
}

function render(prelude = "") {
  $("card").hidden = $("actions").hidden = !current;
  $("message").hidden = Boolean(current);
  if (!current) return renderMessage();
  guessShown = false;
  startClock();
  const place = `Row ${current.row}`;
  $("title").textContent = place;
  renderAbout();
  $("picture").hidden = !current.image;
  fetchImages();
  $("picture").replaceChildren(...(current.image ? [images.get(current.row)] : []));
  const short = current.values.every(([name, text]) => text.length < 40 && name.length < 40);
  $("values").className = current.values.length === 1 ? "single"
    : current.values.length > 8 && short ? "compact" : "";
  $("values").replaceChildren(...current.values.map(each => pair(...each)));
  $("guess").hidden = true;
  renderNotes();
  renderClasses();
  scrollTo(0, 0);
  const about = $("about").hidden ? "" : $("about").textContent + " ";
  const content = current.values.map(each => each.join(": ")).join("; ").slice(0, 300);
  announce(`${prelude}${place}. ${about}${content || "An image."}`);
}

function renderAbout() {
  let text = "";
  if (decided) {
    const label = decided.label ?? (decided.decision === "skip" ? "skipped" : "unsure");
    text = `Correction: you decided “${label}”. Choose again, or press Escape to keep it.`;
  } else if (current.earlier) {
    text = `Asked again. The earlier label was “${current.earlier}”.`;
  }
  $("about").textContent = text;
  $("about").hidden = !text;
  $("others").querySelector("[data-key=Escape]").hidden = !decided;
  $("others").querySelector("[data-key=g]").hidden = !current.guess;
}

function renderNotes() {
  $("notes").replaceChildren(...current.notes.map(text => {
    const item = element("li", undefined, {dir: "auto"});
    item.append("Note: ", text);
    return item;
  }));
  $("notes").hidden = !current.notes.length;
}

let offered = "";

// The buttons stay while the classes do, and so does the focus.
function renderClasses() {
  const offer = JSON.stringify(current.offer);
  if (offer !== offered) {
    offered = offer;
    const short = current.offer.every(({name, help}) => name.length < 3 && !help);
    $("classes").className = current.offer.length < 7 ? "few" : short ? "short" : "";
    $("find").hidden = current.offer.length <= MANY;
    $("filter").value = "";
    $("classes").replaceChildren(...current.offer.map(classButton));
    renderKeys();
  }
  for (const button of $("classes").children) {
    const chosen = decided?.label === button.dataset.label;
    if (decided) button.setAttribute("aria-pressed", chosen);
    else button.removeAttribute("aria-pressed");
    button.hidden = false;
  }
  if (!$("find").hidden) filter("");
}

function classButton({name, key, help}) {
  const button = element("button", undefined, {type: "button", className: key ? "" : "keyless"});
  button.dataset.label = name;
  if (key) {
    button.dataset.key = key;
    button.setAttribute("aria-keyshortcuts", key);
    button.append(hidden(element("kbd", key)));
  }
  button.append(element("span", name, {dir: "auto"}));
  if (help) button.append(" ", element("small", help, {dir: "auto"}));
  button.onclick = () => decide("label", name);
  return button;
}

function hidden(key) {
  key.setAttribute("aria-hidden", "true");
  return key;
}

function filter(text) {
  const sought = text.trim().toLowerCase();
  $("filter").value = text;
  for (const button of $("classes").children) {
    button.hidden = !button.dataset.label.toLowerCase().includes(sought);
  }
  $("matches").textContent = sought ? `${matches().length} classes` : "";
}

const matches = () => [...$("classes").children].filter(button => !button.hidden);

function renderKeys() {
  const keys = current.offer.filter(each => each.key).map(each => [each.key, each.name]);
  $("keys").replaceChildren(...[...keys, ...Object.entries(OWN_KEYS)].map(([key, text]) => {
    const group = element("div"), term = element("dt");
    term.append(element("kbd", key));
    group.append(term, element("dd", text, {dir: "auto"}));
    return group;
  }));
}

const rows = n => `${n} row${n === 1 ? "" : "s"}`;

function renderMessage() {
  const {state, round, progress, training} = desk;
  const how = training ? "“Next round” trains the model and chooses more."
    : "Run “make round” for the next rows; this page then shows them by itself.";
  const open = progress.total - progress.done;
  let title = `Round ${round} is done`, text = `All ${rows(progress.total)} are decided. ${how}`;
  if (training?.running) {
    [title, text] = ["Computing the next round…", "The model learns from the new labels."];
  } else if (training?.failed) {
    [title, text] = ["The next round failed", "No label is lost. This is what it said:"];
  } else if (state === "start") {
    [title, text] = ["No rows to label yet", training ? how : `No rows have been chosen. ${how}`];
  } else if (state === "asking" && progress.left) {
    title = "The last rows are with others";
    text = `${rows(progress.left)} of this round are on other screens, and come here in five minutes
      unless they are labelled there.`;
  } else if (state === "asking") {
    title = "Your rows are done";
    text = `${rows(open)} of this round are for another person to decide. ${how}`;
  }
  const changed = $("message-title").textContent !== title;
  $("message-title").textContent = title;
  $("message-text").textContent = text;
  $("output").textContent = training?.output ?? "";
  $("output").hidden = !training?.output;
  if (changed) announce(`${title}. ${text}`);
}

function renderSide() {
  const {round, progress, holdout, late, training, state} = desk;
  document.title = `Label · ${NAME}`;
  $("who").textContent = NAME;
  $("side").hidden = false;
  $("bar").max = Math.max(progress.total, 1);
  $("bar").value = progress.done;
  $("count").textContent = state === "start" ? "" : `${progress.done} of ${progress.total}`;
  $("round").textContent = state === "start" ? "Before the first round" : `Round ${round}`;
  const figures = [
    ["Rows left for you", progress.left],
  ];
  if (holdout.total) figures.push(["Hold-out decided", `${holdout.done} of ${holdout.total}`]);
  if (late) figures.push(["Decisions since the last training", late]);
  $("figures").replaceChildren(...figures.map(each => pair(...each)));
  for (const button of document.querySelectorAll(".next-round")) {
    button.hidden = !training;
    button.textContent = training?.running ? "Computing…" : "Next round";
    button.setAttribute("aria-disabled", Boolean(training?.running));
  }
  $("problem").textContent = desk.problems.join(" ");
  $("problem").hidden = !desk.problems.length;
  renderRecent();
  renderGuidelines();
  if (!current) renderMessage();
}

let recent = "";

function renderRecent() {
  const text = JSON.stringify([desk.recent, decided?.id]);
  if (text === recent) return;
  recent = text;
  $("recent").replaceChildren(...desk.recent.map(each => {
    const button = element("button", undefined, {type: "button"});
    button.append(element("span", each.summary, {dir: "auto"}), element("b",
      each.label ?? (each.decision === "skip" ? "skipped" : "unsure"),
      {dir: "auto", className: each.label === null ? "none" : ""}));
    button.title = `Correct row ${each.row}`;
    button.setAttribute("aria-current", each.id === decided?.id);
    button.onclick = () => correct(each.row);
    const item = element("li");
    item.append(button);
    return item;
  }));
}

let guidelines = "";

// Headings, lists and paragraphs; anything else is shown as it is written.
function renderGuidelines() {
  if (desk.guidelines === guidelines) return;
  guidelines = desk.guidelines;
  $("guide").hidden = !guidelines.trim();
  const parts = [];
  for (const block of guidelines.split(/\n\s*\n/)) {
    let list = null, paragraph = null;
    for (const line of block.split("\n").filter(each => each.trim())) {
      const heading = line.match(/^#+\s+(.*)/), item = line.match(/^\s*[-*]\s+(.*)/);
      if (heading) parts.push(element("h3", heading[1], {dir: "auto"}));
      else if (item) {
        if (!list) parts.push(list = element("ul"));
        list.append(element("li", item[1], {dir: "auto"}));
      } else if (list) list.lastChild.append(" ", line.trim());
      else if (paragraph) paragraph.append(" ", line.trim());
      else parts.push(paragraph = element("p", line.trim(), {dir: "auto"}));
    }
  }
  $("guidelines").replaceChildren(...parts);
}

// --- keys and buttons ----------------------------------------------------------------------------

const actions = {
  s: () => decide("skip"), u: () => decide("unsure"), Backspace: undo, n: openNote, g: showGuess,
  Escape: leave, "?": openHelp, "/": () => { if (!$("find").hidden) $("filter").focus(); },
};

function openNote() {
  if (!busy && current) $("note").showModal();
}

function openHelp() {
  if (current) renderKeys();
  $("help").showModal();
}

for (const button of $("others").children) {
  const {key} = button.dataset;
  button.onclick = actions[key];
  button.setAttribute("aria-keyshortcuts", key);
  button.append(" ", hidden(element("kbd", key === "Escape" ? "Esc" : key)));
}
$("open-help").onclick = openHelp;
$("save-note").onclick = saveNote;
$("note-text").onkeydown = event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) saveNote();
};
$("filter").oninput = event => filter(event.target.value);
$("filter").onkeydown = event => {
  if (event.key === "Escape") { filter(""); event.target.blur(); }
  if (event.key !== "Enter" || event.repeat) return;
  const shown = matches();
  const exact = shown.filter(button => button.dataset.label === event.target.value.trim());
  const [one] = exact.length ? exact : shown.length === 1 ? shown : [];
  if (one) one.click();
};

const KEYS_OFF = "labels without keys";
try { $("use-keys").checked = !localStorage[KEYS_OFF]; } catch { /* the keys are on */ }
$("use-keys").onchange = event => {
  try {
    if (event.target.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage[KEYS_OFF] = "1";
  } catch { /* until the page is closed */ }
};

// A class button by its key; a digit also where the layout needs Shift for it.
function classOfKey(event) {
  const digit = !event.shiftKey && event.code.match(/^(?:Digit|Numpad)([0-9])$/)?.[1];
  const buttons = [...$("classes").children];
  for (const key of [event.key, event.key.toLowerCase(), digit]) {
    const button = key && buttons.find(each => each.dataset.key === key);
    if (button) return button;
  }
  return null;
}

addEventListener("keydown", event => {
  const field = event.target.matches?.("input, textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || field) return;
  if (document.querySelector("dialog[open]") || !$("use-keys").checked) return;
  const button = current && classOfKey(event);
  const action = button ? () => button.click()
    : actions[event.key] ?? (event.key.length === 1 ? actions[event.key.toLowerCase()] : undefined);
  if (!action || !desk) return;
  event.preventDefault();
  if (!event.repeat) action();
});

// --- the next round ------------------------------------------------------------------------------

for (const button of document.querySelectorAll(".next-round")) {
  button.onclick = async () => {
    if (desk.training?.running) return;
    try {
      await flush();
      await api("/api/round", {});
      await refresh();
      if (current) announce("The next round is being computed.");
    } catch (error) {
      trouble(error);
    }
    poll();
  };
}

// --- start ---------------------------------------------------------------------------------------

function trouble(error) {
  $("problem").textContent = sentence(error.message);
  $("problem").hidden = false;
}

let timer = null;

async function poll() {
  clearTimeout(timer);
  if (!document.hidden && !busy && NAME && desk) await refresh().catch(trouble);
  const soon = desk?.training?.running ? 1000 : current ? 10000 : 2500;
  clearTimeout(timer);
  timer = setTimeout(poll, soon);
}

async function choosePerson(reason) {
  const {annotators} = await api("/api/people");
  $("message").hidden = true;
  $("people").hidden = false;
  $("people-reason").textContent = sentence(reason);
  $("people-new").hidden = Boolean(annotators.length);
  $("people-list").replaceChildren(...annotators.map(name => element("button", name, {
    type: "button", onclick: () => location.assign(query({name})),
  })));
}

$("people").onsubmit = event => {
  event.preventDefault();
  location.assign(query({name: $("person").value}));
};

async function start() {
  if (!NAME) return choosePerson("");
  for (let pause = 500; !desk; pause = Math.min(pause * 2, 5000)) {
    try {
      await refresh();
    } catch (error) {
      if (error.status === 422) return choosePerson(error.message);
      $("message-title").textContent = "The page cannot start";
      $("message-text").textContent = sentence(error.message);
      if (error.status === 403) return;
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
  await resume();
  poll();
}

// Deliver what an earlier load of the page could not; its row stays until then.
async function resume() {
  unsent = stored();
  if (!unsent.length) return;
  const row = [current, ...stock].find(each => each?.row === unsent.at(-1).row);
  if (row) {
    stock = stock.filter(each => each !== row);
    current = row;
    render();
  }
  await occupied(async () => {
    await flush();
    version += 1;
    current = null;
    await refresh();
  });
}

start().catch(trouble);
