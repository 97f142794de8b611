// Draws the API page from our own files: no validator badge, no outside request.
const night = window.matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", night.matches);
night.addEventListener("change", dress);
dress();

window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: "/docs/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    docExpansion: "none", // the chapters first; drawing more than 132 operations at once breaks Swagger UI 5.35 off
    validatorUrl: null,
    displayRequestDuration: true,
    tryItOutEnabled: false,
    defaultModelsExpandDepth: -1,
  });
});
