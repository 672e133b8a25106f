# mtprs_manual(command) makes the target mtprs_manual: the command writes its manual pages and completions. `written` is
# set to their folder. The target mtprs_command builds the command.

function(mtprs_manual command)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/written)
  add_custom_target(mtprs_manual ALL
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${command} man --out ${folder}/man1 --force
    COMMAND ${command} completions bash > ${folder}/mtprs.bash
    COMMAND ${command} completions zsh > ${folder}/mtprs.zsh
    COMMAND ${command} completions fish > ${folder}/mtprs.fish
    COMMENT "Writing the manual pages and completions"
    VERBATIM)
  add_dependencies(mtprs_manual mtprs_command)
  set(written ${folder} PARENT_SCOPE)
endfunction()
