"""The staff's side: the console in the browser, and the commands that set a clinic up."""
