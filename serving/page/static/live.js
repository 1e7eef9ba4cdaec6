// Keep the page as things are: each message of the live stream replaces the rows of its tables. Without this script the
// server's rows stay. A text is set as text, whatever it holds.
const MOST_ROWS = 20;
const status = document.getElementById("live");
const cards = [...document.querySelectorAll(".card")];
const figures = new Intl.NumberFormat("en");
const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" };
const clock = new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: status.dataset.zone });
const written = {
  number: (value) => figures.format(value),
  money: (value) => money.format(value),
  moment: (value) => clock.format(new Date(value)),
  text: String,
};
const events = [];

function show(card, rows) {
  const columns = [...card.querySelectorAll("th[data-name]")];
  const body = card.querySelector("tbody");
  body.replaceChildren(
    ...rows.slice(0, MOST_ROWS).map((row) => {
      const line = document.createElement("tr");
      for (const { dataset, className } of columns) {
        const cell = line.insertCell();
        cell.className = className;
        const value = row[dataset.name];
        cell.textContent = value === null ? "–" : written[dataset.kind](value);
      }
      return line;
    }),
  );
  card.querySelector(".scroll").hidden = !rows.length;
  card.querySelector(".empty").hidden = rows.length > 0;
}

function say(text) {
  // Said only when it changes: a screen reader does not say it each second.
  if (status.textContent !== text) status.textContent = text;
}

function listen(stream) {
  stream.addEventListener("open", () => say("Live: this page moves by itself."));
  stream.addEventListener("now", ({ data }) => {
    const now = JSON.parse(data);
    document.getElementById("active_count").textContent = figures.format(now.active_count);
    for (const card of cards) {
      if (now[card.id]) show(card, now[card.id]);
    }
    say("Live: this page moves by itself.");
  });
  stream.addEventListener("happened", ({ data }) => {
    events.unshift(...JSON.parse(data).events.reverse());
    events.length = Math.min(events.length, MOST_ROWS);
    show(document.getElementById("events"), events);
  });
  stream.addEventListener("silent", () => say("The database does not answer: this is as it was before."));
  stream.addEventListener("error", () =>
    say(
      stream.readyState === EventSource.CLOSED
        ? "No longer live: sign in again, or reload the page."
        : "The connection is lost; trying again. This is as it was before.",
    ),
  );
}

// A page that is shared by a link has no stream.
if (status.dataset.stream) listen(new EventSource(status.dataset.stream));
