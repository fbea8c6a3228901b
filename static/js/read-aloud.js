// Reads a part of the page aloud, where the browser can. Every page is whole without this file.

document.documentElement.classList.add("has-script");

/** A button that reads the element named by `data-of` aloud, and stops when pressed again. */
class ReadAloud extends HTMLElement {
  connectedCallback() {
    if (!("speechSynthesis" in window)) return;
    this.hidden = false;
    this.addEventListener("click", () => {
      if (speechSynthesis.speaking) return void speechSynthesis.cancel();
      const words = new SpeechSynthesisUtterance(document.getElementById(this.dataset.of).textContent);
      words.lang = document.documentElement.lang;
      speechSynthesis.speak(words);
    });
  }
}
customElements.define("read-aloud", ReadAloud);
