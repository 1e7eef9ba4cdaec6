// Draw each chart anew, as wide as it stands, with figures under the pointer. Without this script the server's drawing
// stays. Vega's interpreter is used, so that the page needs no `unsafe-eval`.
const options = {
  ast: true,
  mode: "vega-lite",
  renderer: "svg",
  actions: false,
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};

// Vega shows its tooltips in the element of this id. What it says also stands in the table of each chart, for those who
// hear the page.
const tooltip = document.createElement("div");
tooltip.id = "vg-tooltip-element";
tooltip.className = "vg-tooltip";
tooltip.ariaHidden = "true";
document.body.append(tooltip);

async function draw(plot) {
  const target = document.createElement("div");
  target.className = "drawing";
  target.ariaHidden = "true";
  const old = plot.querySelector(".drawing");
  old.after(target);
  try {
    const { view } = await vegaEmbed(target, JSON.parse(plot.querySelector("script").textContent), options);
    view.addEventListener("click", (_, item) => {
      if (item?.datum?.link) location.assign(item.datum.link);
    });
    plot.dataset.drawn = "yes";
    old.remove();
  } catch (error) {
    target.remove();
    console.error(error);
  }
}

for (const plot of document.querySelectorAll(".plot")) draw(plot);

// On paper, each chart stands above its numbers.
const closed = new Set();
addEventListener("beforeprint", () => {
  for (const numbers of document.querySelectorAll(".numbers:not([open])")) {
    closed.add(numbers);
    numbers.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const numbers of closed) numbers.open = false;
  closed.clear();
});
