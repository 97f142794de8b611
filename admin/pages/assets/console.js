// What makes the console quicker. Every page works without it.
import "./alive.js";
import "./keys.js";
import "./unsaved.js";

// A form that came back with something to correct: its summary is where reading goes on.
document.getElementById("wrong")?.focus();
