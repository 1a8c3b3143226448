
for (const part of parent.document.querySelectorAll("script[data-cfw-runtime]")) {
  const element = document.createElement(part.dataset.cfwRuntime);
  element.textContent = part.textContent;
  document.head.append(element);
}
