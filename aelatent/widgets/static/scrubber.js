// Starts every scrubber on the page that has not been started: each output brings this script, in
// JupyterLab without document.currentScript, and a page may show one output twice.
(() => {
  const start = (root) => {
    const tracks = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    const face = root.querySelector("img");
    const pick = root.querySelector("select");
    const slider = root.querySelector("input");
    const caption = root.querySelector("p");
    const figures = root.querySelectorAll("figure");

    const show = () => {
      const track = tracks[pick.selectedIndex];
      const at = Number(slider.value);
      const text = track.captions[at];
      face.src = `data:image/jpeg;base64,${track.frames[at]}`;
      face.alt = text;
      caption.textContent = text;
      slider.setAttribute("aria-valuetext", text);
      const mark = figures[pick.selectedIndex].querySelector(".aelatent-scrubber-mark");
      const [left, top] = track.marks[at].map((share) => `${100 * share}%`);
      mark.style.left = left;
      mark.style.top = top;
    };

    // Frame k of one track is compared with frame k of another, where there are as many.
    const choose = () => {
      const track = tracks[pick.selectedIndex];
      figures.forEach((figure, k) => (figure.hidden = k !== pick.selectedIndex));
      const last = String(track.frames.length - 1);
      if (slider.max !== last) {
        slider.max = last;
        slider.value = "0";
      }
      show();
    };

    pick.addEventListener("change", choose);
    slider.addEventListener("input", show);
    // Or JupyterLab takes an arrow to another cell, and letters for commands.
    root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.altKey && !event.metaKey) event.stopPropagation();
    });
    root.querySelector(".aelatent-scrubber-controls").hidden = false;
    choose();
  };

  for (const root of document.querySelectorAll(".aelatent-scrubber")) {
    if (root.aelatentStarted) continue; // a property: it is not saved with the page, as a class is
    root.aelatentStarted = true;
    start(root);
  }
})();
