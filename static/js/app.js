// Small conveniences. Every page works without this file.

document.documentElement.classList.add("has-script");

/** Prints the page. */
class PrintButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => window.print());
  }
}

/** Copies `data-text` and says so for a moment. */
class CopyButton extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!navigator.clipboard) return void (this.hidden = true);
    this.addEventListener("click", async () => {
      await navigator.clipboard.writeText(this.dataset.text);
      const words = button.textContent;
      button.textContent = this.dataset.done;
      button.setAttribute("aria-live", "polite");
      setTimeout(() => (button.textContent = words), 2000);
    });
  }
}

/** Puts − and ＋ beside a number box, within its bounds. */
class QuantityStepper extends HTMLElement {
  connectedCallback() {
    if (this.querySelector("button")) return;
    const box = this.querySelector("input");
    const add = (sign, by, words) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.setAttribute("aria-label", words);
      button.addEventListener("click", () => {
        by > 0 ? box.stepUp() : box.stepDown();
        box.dispatchEvent(new Event("input", { bubbles: true }));
        box.dispatchEvent(new Event("change", { bubbles: true }));
      });
      return button;
    };
    this.prepend(add("−", -1, this.dataset.less));
    this.append(add("＋", 1, this.dataset.more));
  }
}

/** Asks before typed words are lost. */
class UnsavedGuard extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    let typed = false;
    form.addEventListener("input", () => (typed = true));
    form.addEventListener("submit", () => (typed = false));
    this.ask = (event) => typed && event.preventDefault();
    window.addEventListener("beforeunload", this.ask);
  }

  disconnectedCallback() {
    window.removeEventListener("beforeunload", this.ask);
  }
}

customElements.define("print-button", PrintButton);
customElements.define("copy-button", CopyButton);
customElements.define("quantity-stepper", QuantityStepper);
customElements.define("unsaved-guard", UnsavedGuard);

// A second click on the same form sends nothing for eight seconds (a download leaves the page where
// it is); coming back to the page frees it at once. The once-key is what the server relies on.
const sent = new WeakSet();
const free = (form) => {
  sent.delete(form);
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
};
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (sent.has(event.target)) return event.preventDefault();
  sent.add(event.target);
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  setTimeout(free, 8000, event.target);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) free(form);
});

// After a form came back with errors, the reader starts at the summary.
document.getElementById("errors")?.focus();
