// The view that the address names: the leaderboard, or a group of runs.

let kept = 0;

function show() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const { rows } = data("board");
  const row = rows.find(({ slug }) => wanted === `run-${slug}`);
  const [boardView, runView] = ["board", "run"].map((id) => document.getElementById(id));
  if (row && runView.hidden) kept = scrollY;
  if (row) drawRun(row);
  boardView.hidden = Boolean(row);
  runView.hidden = !row;
  const title = row ? `${row.model} on ${row.dataset}` : "Leaderboard";
  document.title = `${title} · mmgraph`;
  announce(wanted.startsWith("run-") && !row ? `There is no run ${wanted.slice(4)} on this page` : title);
  (row ? runView : boardView).querySelector("h1").focus({ preventScroll: true });
  scrollTo(0, row ? 0 : kept);
}

narrow.addEventListener("change", showRows);
addEventListener("hashchange", () => { if (location.hash !== "#content") show(); });
document.getElementById("about").textContent = `Made by ${data("board").made}. All of it is in this file; nothing is fetched.`;
drawBoard();
show();
