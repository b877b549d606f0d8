// The token, once: the answer sets a cookie that no script can read.
import { ask } from "./api.js";

const form = document.getElementById("login");
const error = document.getElementById("error");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  error.hidden = true;
  try {
    await ask("/api/login", { token: document.getElementById("token").value });
    location.replace("/");
  } catch (problem) {
    error.textContent = problem.message;
    error.hidden = false;
    document.getElementById("token").select();
  }
});
