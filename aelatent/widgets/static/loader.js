// In a page of the book: offer to decode where explorers stand, and load what that takes on request.
(() => {
  const { src, dataset } = document.currentScript;
  const add = (element, address) =>
    new Promise((done, failed) => {
      element.onload = done;
      element.onerror = () => failed(new Error(`${address} cannot be loaded`));
      document.head.append(element);
    });
  const start = () => {
    const places = document.querySelectorAll(`.aelatent-live[data-run="${dataset.run}"]`);
    for (const place of places) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "aelatent-button aelatent-start";
      button.textContent = `Decode in this page (loads ${dataset.size} MB)`;
      place.prepend(button);
      button.addEventListener("click", async () => {
        for (const each of document.querySelectorAll(".aelatent-start")) each.disabled = true;
        try {
          const at = (name) => new URL(name, src).href;
          const style = Object.assign(document.createElement("link"), { rel: "stylesheet" });
          style.href = at("style.css");
          const scripts = ["run.js", "code.js"].map((name) => {
            const script = document.createElement("script");
            script.src = at(name);
            script.async = false;
            return add(script, name);
          });
          await Promise.all([add(style, "style.css"), ...scripts]);
          await globalThis.aelatentMount();
          place.querySelector("select, input")?.focus({ preventScroll: true }); // the button is gone
        } catch (error) {
          const said = document.createElement("p");
          said.setAttribute("role", "alert");
          said.textContent = `${error.message}: the frames below stay.`;
          place.prepend(said);
          for (const each of document.querySelectorAll(".aelatent-start")) each.disabled = false;
        }
      });
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
